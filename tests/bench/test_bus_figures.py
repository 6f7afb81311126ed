"""The figures of the bus can be taken: a tiny city, one round, nothing said of how fast."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from adapters.embedded import server
from bench import place as places
from bench.__main__ import FIGURES, OF_THE_BUS, possible
from bench.place import Place
from bench.relaying import relaying
from bench.working import working

PEOPLE = 60


@pytest.fixture
def place(
    database_server: server.Server, kafka_programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    monkeypatch.setattr(places, "PROGRAMS", kafka_programs.parent)
    with ExitStack() as stack:
        yield Place(database_server.url, tmp_path, stack)


def test_the_figures_of_the_bus_are_taken_to_their_end(place: Place) -> None:
    found = [
        *relaying(place, PEOPLE, 1),
        *working(place, PEOPLE, 1),
    ]
    assert [each.ratio is not None and each.ratio > 0 for each in found] == [True] * 3


def test_without_kafka_its_figures_are_left_out_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert possible(["append", "relay"], None) == ["append", "relay"]
    assert capsys.readouterr().out == ""
    assert possible(["append", "relay", "worker"], "Kafka needs Java 17 or newer: there is no java") == [
        "append"
    ]
    assert (
        capsys.readouterr().out == "left out: relay, worker. Kafka needs Java 17 or newer: there is no java\n"
    )
    assert set(FIGURES) > OF_THE_BUS
