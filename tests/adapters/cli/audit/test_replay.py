"""`pujiang replay` over a log: beside the live rows, as of a time, and judged again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from msgspec import structs
from psycopg.sql import SQL, Identifier
from typer.testing import CliRunner

from adapters.cli.app import application
from adapters.run.parts import open_parts
from adapters.wire.cloudevent import to_cloudevents
from events.clock import instant
from events.event import Event
from events.identity.persons import PersonRegistered
from projections.catalogue import READ_MODELS
from streams.project.projector import Projector
from streams.project.rebuild import Rebuild
from tests.contexts.integrity import COUNTING, OPENED, RULE
from tests.logs.histories import append

EVENTS = [
    structs.replace(each, id=str(number), source="urn:test")
    for number, each in enumerate([*COUNTING, OPENED], 1)
]
DAY = ("--day", "2024-06-09")

Typed = Callable[..., tuple[int, list[str], str]]


@pytest.fixture
def typed(database_url: str, tmp_path: Path) -> Typed:
    """Type `replay` on a log with a conduct and its review; return status, lines and errors."""
    with open_parts(database_url) as parts:
        append(parts.log, parts.codec, EVENTS[:-1])
        append(parts.log, parts.codec, EVENTS[-1:])
        Rebuild(lambda: open_parts(database_url)).bring_up(READ_MODELS)
        Projector(parts.log, parts.codec, parts.store, READ_MODELS).step()
    environment = {"DATABASE_URL": database_url, "PUJIANG_HOME": str(tmp_path)}

    def run(*arguments: str) -> tuple[int, list[str], str]:
        done = CliRunner().invoke(
            application(), ["replay", *arguments], env=environment, catch_exceptions=False
        )
        return done.exit_code, done.stdout.splitlines(), done.stderr

    return run


def rules(tmp_path: Path, *events: Event | dict[str, Any]) -> str:
    """Write a file of rule data; return its path."""
    made = [each if isinstance(each, dict) else to_cloudevents([each])[0] for each in events]
    file = tmp_path / "rules.jsonl"
    file.write_text("\n".join(map(json.dumps, made)))
    return str(file)


def other_weight(weight: int) -> Event:
    return structs.replace(RULE, weight=weight, id="r", source="urn:auditor")


def test_live_rows_that_do_not_differ_are_told(typed: Typed) -> None:
    assert typed()[:2] == (0, [f"{len(READ_MODELS)} read models replayed, 0 rows differ"])


def test_a_live_row_that_differs_is_told_with_the_events_responsible(typed: Typed, database_url: str) -> None:
    with open_parts(database_url) as parts:
        table = parts.store.live()["integrity-reviews"].table
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(SQL("UPDATE {} SET reviewer = 'me'").format(Identifier("read", table)))
    status, lines, _ = typed("integrity-reviews")
    at = len(EVENTS)
    assert (status, lines) == (
        1,
        [
            (
                "integrity-reviews p/r-1 reviewer: me, by its history judge "
                f"[integrity.IntegrityReviewOpened at {at}]"
            ),
            "1 read models replayed, 1 rows differ",
        ],
    )


def test_verdicts_are_the_same_by_the_same_rules(typed: Typed) -> None:
    assert typed("--verdicts")[0] == 0


def test_other_rule_data_change_verdicts_and_figures(typed: Typed, tmp_path: Path) -> None:
    status, lines, _ = typed("integrity-scores", "--rules", rules(tmp_path, other_weight(10)), *DAY)
    at, observed = len(EVENTS), len(EVENTS) - 4
    assert status == 1
    assert lines[0] == (
        f"{at} integrity.IntegrityReviewOpened urn:test#{at}: below-threshold, "
        "the score is 8.71, below 15 points (integrity.opened_at_threshold)"
    )
    assert f"integrity-scores p score: 10.0 -> 5.0 (-5) [integrity.ConductObserved at {observed}]" in lines
    assert lines[-1] == "1 events would not be admitted; 1 read models replayed, 1 rows differ"


def test_json_lines_are_all_of_the_output(typed: Typed, tmp_path: Path) -> None:
    status, lines, errors = typed("--rules", rules(tmp_path, other_weight(10)), *DAY, "--json")
    told = [json.loads(line) for line in lines]
    assert (status, {each["told"] for each in told}) == (1, {"verdict", "figure"})
    (score,) = [each for each in told if each.get("field") == "score"]
    assert (score["difference"], score["events"][0]["occurred_at"][:10]) == (-5.0, "2024-03-01")
    assert "would not be admitted" in errors


def test_what_would_rest_on_an_event_is_told(typed: Typed) -> None:
    observed = len(EVENTS) - 4
    status, lines, _ = typed("integrity-scores", "--without", f"urn:test#{EVENTS[observed - 1].id}")
    assert status == 1
    codes = [line.split(": ")[1].split(",")[0] for line in lines if line[0].isdigit() and "#" in line]
    assert codes == ["unknown-conduct"] * 3 + ["below-threshold"]


def test_rows_as_of_a_time_are_compared_with_those_of_now(typed: Typed) -> None:
    status, lines, _ = typed("integrity-scores", "--true-at", "2024-03-01", *DAY)
    assert status == 1
    assert any(line.startswith("integrity-scores p score: 0.0 -> 10.0 (+10)") for line in lines)
    assert typed("integrity-scores", "--true-at", "2024-12-31")[0] == 0


def test_rows_as_they_were_known_are_compared_with_those_of_now(typed: Typed, database_url: str) -> None:
    with open_parts(database_url) as parts:
        before_last = parts.codec.decode(parts.log.read(len(EVENTS) - 2)[0]).recorded_at
    status, lines, _ = typed("--known-at", instant(before_last).isoformat())
    assert status == 1
    assert {line.split()[0] for line in lines[:-1]} == {"integrity-reviews"}


@pytest.mark.parametrize(
    "arguments, part",
    [
        (["--rules", "/nowhere"], "cannot be read"),
        (["--without", "x"], "--without SOURCE#ID"),
        (["--without", "urn:test#99"], "the log has no event urn:test#99"),
        (["--verdicts", "--known-at", "2024-01-01"], "not both"),
        (["--verdicts", "--day", "soon"], "give a date"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(typed: Typed, arguments: list[str], part: str) -> None:
    status, _, errors = typed(*arguments)
    assert status
    assert part in errors.splitlines()[-1]


def test_every_fault_of_a_rule_file_is_told_with_its_line_and_nothing_is_written(
    typed: Typed, tmp_path: Path, database_url: str
) -> None:
    (wrong,) = to_cloudevents([other_weight(10)])
    wrong["data"] |= {"weight": 0}
    person = structs.replace(
        PersonRegistered(person="p-9", name=b""), id="x", source="urn:test", occurred_at=EVENTS[0].occurred_at
    )
    file = rules(tmp_path, wrong, person)
    status, lines, errors = typed("--rules", file)
    assert (status, lines) == (2, [])
    told = [line for line in errors.splitlines() if line.startswith("pujiang: ")]
    assert told[0] == f"pujiang: {file}:1: data/weight: Expected `int` >= 1"
    assert told[1].startswith(
        f"pujiang: {file}:2: identity.PersonRegistered is not rule data; rule data are "
    )
    with open_parts(database_url) as parts:
        assert parts.log.head() == len(EVENTS)
