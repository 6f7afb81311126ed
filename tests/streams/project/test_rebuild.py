from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event as Flag
from threading import Thread

import psycopg
import pytest

from streams.project import bulk
from streams.project.projector import Projector
from streams.project.rebuild import Rebuild, outdated
from streams.read_ports import Open, Parts
from streams.recheck.replay import replay
from tests.logs.histories import CHOSEN, City, append, assert_sound, rows
from tests.logs.read_models import MODELS


def projector(parts: Parts) -> Projector:
    return Projector(parts.log, parts.codec, parts.store, CHOSEN)


@contextmanager
def background(*works: Callable[[Flag], None]) -> Iterator[None]:
    """Run something beside the test, and raise what it raised."""
    stop, faults = Flag(), list[BaseException]()

    def guarded(work: Callable[[Flag], None]) -> None:
        try:
            work(stop)
        except BaseException as fault:  # noqa: BLE001 - raised again in the test
            faults.append(fault)

    threads = [Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    if faults:
        raise faults[0]


def publishing(open_: Open, city: City, size: int = 20) -> Callable[[Flag], None]:
    def publish(stop: Flag) -> None:
        with open_() as parts:
            while not stop.is_set():
                append(parts.log, parts.codec, city.events(size))
                stop.wait(0.02)

    return publish


def following(open_: Open) -> Callable[[Flag], None]:
    def follow(stop: Flag) -> None:
        with open_() as parts:
            projector(parts).run(stop)

    return follow


def drain(parts: Parts) -> None:
    live = projector(parts)
    while live.step():
        pass


def test_missing_models_are_made_from_an_empty_log_and_from_a_full_one(open_: Open, parts: Parts) -> None:
    assert Rebuild(open_).bring_up(CHOSEN[:2]) == list(MODELS[:2])
    append(parts.log, parts.codec, City(1).events(300))
    assert outdated(parts.store, CHOSEN) == list(CHOSEN[2:])
    assert Rebuild(open_).bring_up(CHOSEN) == list(MODELS[2:])
    assert Rebuild(open_).bring_up(CHOSEN) == []
    drain(parts)
    assert_sound(parts, MODELS)


def test_another_version_is_built_beside(open_: Open, parts: Parts, database_url: str) -> None:
    Rebuild(open_).bring_up(CHOSEN)
    append(parts.log, parts.codec, City(1).events(100))
    drain(parts)
    before = parts.store.live()["students"]
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE read.models SET digest = 'older' WHERE name = 'students'")
        append(parts.log, parts.codec, City(2).events(100))
        drain(parts)
        assert parts.store.live()["students"].position == 100
        assert Rebuild(open_).bring_up(CHOSEN) == ["students"]
        assert parts.store.live()["students"].table != before.table
        assert connection.execute("SELECT table_name FROM read.retired").fetchall() == [(before.table,)]
        connection.execute("UPDATE read.retired SET retired_at = now() - interval '1 hour'")
        Rebuild(open_).bring_up(CHOSEN)
        assert connection.execute("SELECT to_regclass(%s)", (f'read."{before.table}"',)).fetchone() == (None,)
    drain(parts)
    assert_sound(parts, MODELS)


def test_publishing_and_projecting_go_on_during_rebuilds(
    open_: Open, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "SMALL", 0)
    Rebuild(open_).bring_up(CHOSEN)
    city = City(7, people=300, merges=0.01)
    append(parts.log, parts.codec, city.events(500))
    with background(publishing(open_, city), following(open_)):
        Rebuild(open_, processes=2).run(CHOSEN)
        Rebuild(open_, processes=2).run(CHOSEN[:1])
        Rebuild(open_, bound=10_000).run(CHOSEN)
        assert list(replay(open_, CHOSEN)) == []
    drain(parts)
    assert_sound(parts, MODELS)


def test_projectors_at_once_do_everything_once(open_: Open, parts: Parts) -> None:
    Rebuild(open_).bring_up(CHOSEN)
    city = City(11, merges=0.05)
    with background(following(open_), following(open_)):
        for _ in range(40):
            append(parts.log, parts.codec, city.events(25))
    drain(parts)
    assert_sound(parts, MODELS)
    assert rows(parts, "students")
