"""OULAD as events: the totals are those of the files, counted there by SQLite."""

from __future__ import annotations

import csv
import os
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.upstream.oulad import events
from events.clock import days_between
from events.event import Event
from events.identity.persons import PersonRegistered
from events.learning.courses import CourseCompleted, CourseEnrolled, CourseWithdrawn
from events.learning.credit import CreditsAwarded
from projections.catalogue import READ_MODELS
from tests.contexts.learning import judged

ROOT = Path(__file__).parents[3]
FOLDER = Path(os.environ.get("PUJIANG_OULAD") or ROOT.parent / "shared" / "data" / "oulad")
TABLES = ("courses", "assessments", "studentInfo", "studentRegistration")
STARTS = {"2013B": "2013-02-01", "2013J": "2013-10-01", "2014B": "2014-02-01", "2014J": "2014-10-01"}


def rows(model: str, made: list[Event]) -> list[Any]:
    """Fold all rows of a read model in one pass."""
    found = next(each for each in READ_MODELS if each.name == model)
    known: dict[tuple[Any, ...], Any] = {}
    for event in made:
        if type(event) in found.fold.events:
            for key in found.keys(event):
                found.fold.evolve(known.setdefault(key, found.row(*key)), event)
    return list(known.values())


needs_data = pytest.mark.skipif(
    not (FOLDER / "studentRegistration.csv").is_file(),
    reason=f"the data set is not in {os.path.relpath(FOLDER, ROOT)}; PUJIANG_OULAD names its folder",
)


@pytest.fixture(scope="module")
def real() -> list[Event]:
    return list(events(FOLDER))


@pytest.fixture(scope="module")
def files() -> Iterator[sqlite3.Connection]:
    """Load the files into a database, as they are, to be counted there."""
    database = sqlite3.connect(":memory:")
    for table in TABLES:
        with (FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            head, *body = csv.reader(file)
        database.execute(f"CREATE TABLE {table} ({', '.join(head)})")
        database.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(head))})", body)  # noqa: S608 - our names
    database.execute(
        "CREATE VIEW study AS SELECT * FROM studentInfo JOIN studentRegistration"
        " USING (code_module, code_presentation, id_student)"
    )
    yield database
    database.close()


def counted(files: sqlite3.Connection, where: str) -> int:
    (number,) = files.execute(f"SELECT count(*) FROM study WHERE {where}").fetchone()  # noqa: S608 - our own text
    assert isinstance(number, int)
    return number


@needs_data
def test_totals_are_those_of_the_files(real: list[Event], files: sqlite3.Connection) -> None:
    passed = "final_result IN ('Pass', 'Distinction')"
    withdrawn = "(final_result = 'Withdrawn' OR date_unregistration <> '')"
    (learners,) = files.execute("SELECT count(DISTINCT id_student) FROM studentInfo").fetchone()
    (offerings,) = files.execute("SELECT count(*) FROM courses").fetchone()
    kinds = Counter(type(each).__name__ for each in real)
    assert kinds == {
        "MemberAdmitted": 1,
        "CreditTermsPublished": 1,
        "RecognitionStandardPublished": 1,
        "CourseOffered": offerings,
        "PersonRegistered": learners,
        "LearningAccountOpened": learners,
        "CourseEnrolled": counted(files, "true"),
        "CourseWithdrawn": counted(files, withdrawn),
        "CourseCompleted": counted(files, f"NOT {withdrawn}"),
        "OutcomeDeposited": counted(files, passed),
        "OutcomeSubmitted": counted(files, passed),
        "OutcomeRecognised": counted(files, passed),
        "CreditsAwarded": counted(files, passed),
    }
    assert kinds["CourseEnrolled"] == 32_593


@needs_data
def test_results_are_those_of_the_files(real: list[Event], files: sqlite3.Connection) -> None:
    found = Counter(
        each.result if isinstance(each, CourseCompleted) else each.counted_as or "withdrawn"
        for each in real
        if isinstance(each, CourseCompleted | CourseWithdrawn)
    )
    expected = files.execute("SELECT lower(final_result), count(*) FROM studentInfo GROUP BY 1").fetchall()
    assert found == dict(expected)


@needs_data
def test_days_are_those_of_the_files(real: list[Event], files: sqlite3.Connection) -> None:
    sums: dict[str, Counter[str]] = {"registration": Counter(), "unregistration": Counter()}
    for event in real:
        if isinstance(event, CourseEnrolled | CourseWithdrawn) and not event.day_estimated:
            _, module, presentation = event.offering.split("-")
            which = "registration" if isinstance(event, CourseEnrolled) else "unregistration"
            sums[which][f"{module}/{presentation}"] += days_between(STARTS[presentation], event.day)
    for which, found in sums.items():
        expected = files.execute(
            f"SELECT code_module || '/' || code_presentation, sum(CAST(date_{which} AS INTEGER))"  # noqa: S608
            " FROM studentRegistration GROUP BY 1"
        ).fetchall()
        assert found == dict(expected)


@needs_data
def test_credits_are_those_of_the_files(real: list[Event], files: sqlite3.Connection) -> None:
    (expected,) = files.execute(
        "SELECT sum(of_module) FROM study JOIN (SELECT code_module, min(CAST(studied_credits AS INTEGER))"
        " AS of_module FROM studentInfo GROUP BY 1) USING (code_module)"
        " WHERE final_result IN ('Pass', 'Distinction')"
    ).fetchone()
    assert sum(each.credits for each in real if isinstance(each, CreditsAwarded)) == expected * 100
    balances = rows("credit-balances", real)
    assert sum(each.accumulated for each in balances) == expected * 100
    assert f"{expected:,} credits" in (ROOT / "docs" / "oulad.md").read_text()


@needs_data
def test_read_models_count_what_the_files_count(real: list[Event], files: sqlite3.Connection) -> None:
    found = {
        (each.course, each.offering): (each.enrolled, each.withdrawn, each.passed, each.failed)
        for each in rows("courses", real)
    }
    expected = files.execute(
        "SELECT 'oulad-' || code_module, 'oulad-' || code_module || '-' || code_presentation, count(*),"
        " sum(final_result = 'Withdrawn' OR date_unregistration <> ''),"
        " sum(final_result IN ('Pass', 'Distinction')),"
        " sum(final_result = 'Fail' AND date_unregistration = '')"
        " FROM study GROUP BY 1, 2"
    ).fetchall()
    assert found == {(course, offering): tuple(counts) for course, offering, *counts in expected}


@needs_data
def test_holes_are_as_many_as_docs_say(real: list[Event], files: sqlite3.Connection) -> None:
    holes = {
        "no registration date, unregistered": "date_registration = '' AND date_unregistration <> ''",
        "no registration date, with a result": "date_registration = '' AND date_unregistration = ''",
        "withdrawn without a date": "final_result = 'Withdrawn' AND date_unregistration = ''",
        "failed with an unregistration date": "final_result = 'Fail' AND date_unregistration <> ''",
        "unregistered before the start": "CAST(date_unregistration AS INTEGER) < 0",
        "unregistered on the day of registering": "date_registration <> ''"
        " AND date_registration = date_unregistration",
        "unregistered after the end": "CAST(date_unregistration AS INTEGER) >"
        " (SELECT CAST(module_presentation_length AS INTEGER) FROM courses"
        " WHERE courses.code_module = study.code_module"
        " AND courses.code_presentation = study.code_presentation)",
        "registered after the start": "CAST(date_registration AS INTEGER) > 0",
    }
    docs = (ROOT / "docs" / "oulad.md").read_text()
    for hole, where in holes.items():
        assert f"| {hole} | {counted(files, where):,} |" in docs
    estimated = [each for each in real if getattr(each, "day_estimated", False)]
    assert Counter(type(each).__name__ for each in estimated) == {
        "CourseEnrolled": counted(files, "date_registration = ''"),
        "CourseWithdrawn": counted(files, holes["withdrawn without a date"]),
    }
    assert f"{len(real):,} events" in docs


@needs_data
def test_importing_twice_changes_nothing(real: list[Event]) -> None:
    assert list(events(FOLDER)) == real
    assert len({each.id for each in real}) == len(real)
    assert len({each.person for each in real if isinstance(each, PersonRegistered)}) == 28_785


@needs_data
def test_the_rules_admit_all_of_it(real: list[Event]) -> None:
    judged(real)
