import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from projections.catalogue import READ_MODELS
from streams.project.projector import Projector
from streams.project.rebuild import Rebuild
from streams.read_ports import Open, Parts, Table
from streams.recheck.replay import Outdated, replay
from tests.logs.histories import City, append, model, rows

STUDENTS = model("students")


@pytest.fixture
def table(open_: Open, parts: Parts) -> str:
    Rebuild(open_).bring_up(READ_MODELS)
    append(parts.log, parts.codec, City(1).events(400))
    live = Projector(parts.log, parts.codec, parts.store, READ_MODELS)
    while live.step():
        pass
    return parts.store.live()["students"].table


def tamper(url: str, table: str, what: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SQL(what).format(SQL("read.{}").format(Identifier(table))))


def test_untouched_rows_do_not_differ(open_: Open, parts: Parts, table: str) -> None:
    assert list(replay(open_, READ_MODELS)) == []


@pytest.mark.parametrize(
    "what",
    [
        "UPDATE {} SET grade = grade + 1 WHERE person = 'p-3'",
        "UPDATE {} SET position = position - 1 WHERE person = 'p-3'",
        "DELETE FROM {} WHERE person = 'p-3'",
        "INSERT INTO {} (person, grade, status, position, at) VALUES ('p-nobody', 1, 'enrolled', 1, 1)",
    ],
)
def test_a_tampered_row_is_found(open_: Open, parts: Parts, table: str, database_url: str, what: str) -> None:
    tamper(database_url, table, what)
    append(parts.log, parts.codec, City(2).events(5))
    (found,) = list(replay(open_, [STUDENTS]))
    assert (found.model, found.key) == ("students", ("p-nobody",) if "nobody" in what else ("p-3",))
    assert (found.live is None) == what.startswith("DELETE")
    assert (found.folded is None) == what.startswith("INSERT")
    events = [each.position for each in found.events]
    if "nobody" in what:
        assert not events
    else:
        assert events == sorted(events)
        assert found.folded is None or found.folded.position >= events[-1]
    if "grade +" in what:
        assert found.live
        assert found.folded
        assert found.live.row.grade == found.folded.row.grade + 1


def test_the_events_that_a_row_lacks_are_responsible(
    open_: Open, parts: Parts, table: str, database_url: str
) -> None:
    before = rows(parts, "students")
    append(parts.log, parts.codec, City(2, merges=0).events(60))
    live = Projector(parts.log, parts.codec, parts.store, READ_MODELS)
    while live.step():
        pass
    changed = {key: line for key, line in rows(parts, "students").items() if not line.same(before.get(key))}
    key, line = next((key, line) for key, line in changed.items() if key in before)
    with parts.store.transaction() as store:
        store.write(Table(STUDENTS, table), [before[key]])
    (found,) = list(replay(open_, [STUDENTS]))
    assert (found.key, found.live, found.folded) == (key, before[key], line)
    assert all(each.position > before[key].position for each in found.events)
    assert max(each.position for each in found.events) == line.position


def test_rows_of_another_version_cannot_be_compared(open_: Open, table: str, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE read.models SET digest = 'older' WHERE name = 'students'")
    with pytest.raises(Outdated, match="students"):
        list(replay(open_, [STUDENTS]))


def test_nothing_is_left_behind(open_: Open, table: str, database_url: str) -> None:
    list(replay(open_, READ_MODELS))
    with psycopg.connect(database_url, autocommit=True) as connection:
        (left,) = connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'read' AND tablename ~ '_[0-9a-f]{8}'"
        ).fetchone() or (None,)
    assert left == len(READ_MODELS)
