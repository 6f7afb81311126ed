"""The shadow check: what was tampered with is found, round after round; nothing else is."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from projections.catalogue import READ_MODELS
from streams.project.projector import Projector
from streams.project.rebuild import Rebuild
from streams.read_ports import Open, Parts, Table, Walked
from streams.recheck.shadow import Shadow
from tests.logs.histories import City, append, model

ROLL = [model(each) for each in ("students", "roll-history", "schools", "head-counts", "persons")]
STUDENTS = model("students")


@pytest.fixture
def live(open_: Open, parts: Parts) -> Projector:
    Rebuild(open_).bring_up(ROLL)
    append(parts.log, parts.codec, City(1, merges=0.05, retractions=0.05).events(300))
    live = Projector(parts.log, parts.codec, parts.store, ROLL)
    follow(live)
    return live


@pytest.fixture
def walking(parts: Parts, live: Projector) -> Shadow:
    return Shadow(parts, ROLL, lambda: 7)


def follow(live: Projector) -> None:
    while live.step():
        pass


def tamper(parts: Parts, url: str, what: str) -> None:
    table = parts.store.live()["students"].table
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SQL(what).format(Identifier("read", table)))


def a_round(walking: Shadow) -> Iterator[Walked]:
    """Walk until a round is over."""
    walked = walking.step()
    yield walked
    while walked.round_ended is None:
        walked = walking.step()
        yield walked


def test_a_round_covers_everything_and_finds_nothing_wrong(parts: Parts, walking: Shadow) -> None:
    steps = list(a_round(walking))
    shares = [each.share for each in steps]
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[-1] == 1
    rows = sum(parts.store.count(Table(each, parts.store.live()[each.name].table)) for each in ROLL)
    assert steps[-1] == Walked(rows + 300, rows + 300, 7)
    assert parts.store.walked() == steps[-1]
    # The next round begins at once; when the last one ended stays known.
    walking.step()
    noted = parts.store.walked()
    assert noted is not None
    assert (noted.round_ended, noted.done < noted.total) == (7, True)


@pytest.mark.parametrize(
    "what",
    [
        ("UPDATE {} SET grade = grade + 1 WHERE person = 'p-3'", "p-3"),
        ("UPDATE {} SET position = position - 1 WHERE person = 'p-3'", "p-3"),
        ("DELETE FROM {} WHERE person = 'p-3'", "p-3"),
        (
            "INSERT INTO {} (person, grade, status, position, at) VALUES ('p-nobody', 1, 'enrolled', 1, 1)",
            "p-nobody",
        ),
    ],
)
def test_a_tampered_row_is_found_and_no_longer_told_once_it_is_mended(
    open_: Open, parts: Parts, walking: Shadow, database_url: str, what: tuple[str, str]
) -> None:
    statement, key = what
    tamper(parts, database_url, statement)
    found = list(a_round(walking))[-1]
    assert found.differing == (("students", (key,)),)
    # Who is started anew knows, and sees at once that it has been mended.
    again = Shadow(parts, ROLL, lambda: 8)
    assert again.step().differing == (("students", (key,)),)
    Rebuild(open_).run([STUDENTS])
    assert again.step().differing == ()
    assert walking.step().differing == ()


@pytest.mark.parametrize("seed", range(3))
def test_rows_that_move_on_and_tables_that_are_swapped_meanwhile_do_not_differ(
    open_: Open, parts: Parts, live: Projector, walking: Shadow, seed: int
) -> None:
    city = City(seed + 10, merges=0.05, retractions=0.05)
    for _ in range(60):
        append(parts.log, parts.codec, city.events(10))
        if _ % 3 == 0:
            live.step()
        if _ % 25 == 7:
            Rebuild(open_).run(ROLL)
        assert walking.step().differing == ()


def test_who_is_started_anew_goes_on_where_the_last_one_was(parts: Parts, walking: Shadow) -> None:
    shares = [walking.step().share]
    while shares[-1] < 1:
        shares.append(Shadow(parts, ROLL, lambda: 8).step().share)
        assert len(shares) < 2 or shares[-2] < shares[-1]
    assert Shadow(parts, ROLL, lambda: 9).step().round_ended == 9
    assert Shadow(parts, ROLL, lambda: 10).step().share < 0.5


def test_a_step_that_fails_is_taken_again(parts: Parts, walking: Shadow, database_url: str) -> None:
    tamper(parts, database_url, "DELETE FROM {} WHERE person = 'p-3'")
    walked = None
    failures = 0
    while walked is None or walked.round_ended is None:
        # Every other step finds its connection gone.
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        try:
            walked = walking.step()
        except psycopg.OperationalError:
            failures += 1
            walked = walking.step()
    assert failures
    assert walked.done == walked.total
    assert walked.differing == (("students", ("p-3",)),)


def test_other_versions_are_passed_over(parts: Parts, walking: Shadow, database_url: str) -> None:
    tamper(parts, database_url, "DELETE FROM {} WHERE person = 'p-3'")
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE read.models SET digest = 'older' WHERE name = 'students'")
    assert list(a_round(walking))[-1].differing == ()


def test_all_read_models_are_walked(open_: Open, parts: Parts) -> None:
    Rebuild(open_).bring_up(READ_MODELS)
    assert Shadow(parts, READ_MODELS, lambda: 7).step() == Walked(0, 0, 7)
