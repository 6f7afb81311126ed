from typing import Any

from events.event import Event
from events.identity.persons import PersonsMerged, PersonsSeparated
from events.roll.pupils import StudentEnrolled, StudentLeaveStarted, StudentPromoted, StudentResumed
from projections.catalogue import READ_MODELS
from streams.history.explain import explain
from streams.history.past import past_at
from streams.history.refold import refold
from streams.project.projector import Projector
from streams.project.rebuild import Rebuild
from streams.read_ports import Line, Open, Parts, Table
from streams.scenario import at
from tests.logs.histories import City, append, assert_sound, model, rows

STUDENTS = model("students")


def envelope(number: int, day: str) -> dict[str, Any]:
    return {"id": str(number), "source": f"/test/{number}", "occurred_at": at(day)}


def enrolled(number: int, day: str, person: str = "p-1", school: str = "s-1") -> Event:
    return StudentEnrolled(
        person=person, school=school, district="d-1", stage="primary", grade=1, **envelope(number, day)
    )


def promoted(number: int, day: str, person: str = "p-1", to: int = 2) -> Event:
    return StudentPromoted(
        person=person,
        school="s-1",
        district="d-1",
        stage="primary",
        from_grade=to - 1,
        to_grade=to,
        **envelope(number, day),
    )


def student(line: Line | None) -> tuple[str, int, str, int] | None:
    if line is None:
        return None
    return (line.row.school, line.row.grade, line.row.status, line.position)


def past(parts: Parts, person: str = "p-1", **when: int) -> tuple[str, int, str, int] | None:
    found = refold(STUDENTS, person, past_at(parts.log, parts.codec, **when))
    return student(found.lines.get((person,)))


def test_as_of_a_position_and_a_time_known_or_true(parts: Parts) -> None:
    append(parts.log, parts.codec, [enrolled(1, "2024-09-01")])
    append(parts.log, parts.codec, [promoted(2, "2025-09-01")])
    append(parts.log, parts.codec, [promoted(3, "2025-01-10", to=3)])
    first, *_ = (parts.codec.decode(each) for each in parts.log.read(0))
    assert past(parts) == ("s-1", 2, "enrolled", 3)
    assert past(parts, upto=2) == ("s-1", 2, "enrolled", 2)
    assert past(parts, known_at=first.recorded_at) == ("s-1", 1, "enrolled", 1)
    assert past(parts, known_at=first.recorded_at - 1) is None
    assert past(parts, true_at=at("2025-02-01")) == ("s-1", 3, "enrolled", 3)
    assert past(parts, true_at=at("2024-10-01")) == ("s-1", 1, "enrolled", 1)
    assert past(parts, "p-2") is None


def test_as_of_a_row_that_was_removed(parts: Parts) -> None:
    started = StudentLeaveStarted(
        person="p-1", school="s-1", until="2025-01-01", reason=b"x", **envelope(1, "2024-09-01")
    )
    append(
        parts.log,
        parts.codec,
        [started, StudentResumed(person="p-1", school="s-1", **envelope(2, "2024-10-01"))],
    )
    leaves = model("leaves")
    assert not refold(leaves, "p-1", past_at(parts.log, parts.codec)).lines
    assert refold(leaves, "p-1", past_at(parts.log, parts.codec, upto=1)).lines.keys() == {("p-1",)}
    assert explain(parts.log, parts.codec, leaves, ("p-1",)) is None


def test_merged_numbers_share_their_rows_until_they_are_separated(open_: Open, parts: Parts) -> None:
    Rebuild(open_).bring_up(READ_MODELS)
    live = Projector(parts.log, parts.codec, parts.store, READ_MODELS)
    table = Table(STUDENTS, parts.store.live()["students"].table)

    def now(*events: Event) -> list[tuple[str, int, str, int] | None]:
        append(parts.log, parts.codec, events)
        live.step()
        with parts.store.transaction() as store:
            found = store.load(table, [("p-1",), ("p-2",)])
        return [student(found.get((each,))) for each in ("p-1", "p-2")]

    merged = PersonsMerged(merged="p-1", surviving="p-2", **envelope(10, "2025-01-01"))
    separated = PersonsSeparated(
        separated="p-1", surviving="p-2", merge="/test/10#10", **envelope(11, "2025-03-01")
    )
    assert now(enrolled(1, "2024-09-01"), enrolled(2, "2024-09-02", "p-2", "s-2")) == [
        ("s-1", 1, "enrolled", 1),
        ("s-2", 1, "enrolled", 2),
    ]
    assert now(merged) == [None, ("s-2", 1, "enrolled", 3)]
    assert now(promoted(3, "2025-02-01", "p-1", 4)) == [None, ("s-2", 1, "enrolled", 4)]
    assert past(parts, "p-1") is None
    assert past(parts, "p-2") == ("s-2", 1, "enrolled", 4)  # the other entry was promoted
    assert past(parts, "p-1", upto=2) == ("s-1", 1, "enrolled", 1)
    assert explain(parts.log, parts.codec, STUDENTS, ("p-1",)) is None
    assert now(separated) == [("s-1", 4, "enrolled", 5), ("s-2", 1, "enrolled", 5)]
    assert_sound(parts, ("students", "roll-history"))


def test_a_merge_in_the_middle_of_a_batch(open_: Open, parts: Parts) -> None:
    Rebuild(open_).bring_up(READ_MODELS)
    live = Projector(parts.log, parts.codec, parts.store, READ_MODELS)
    append(parts.log, parts.codec, City(5, people=8, merges=0.3).events(400))
    while live.step():
        pass
    followed = {name: rows(parts, name) for name in ("students", "roll-history", "persons")}
    assert_sound(parts, tuple(followed))
    Rebuild(open_).run(READ_MODELS)
    for name, before in followed.items():
        after = rows(parts, name)
        assert after.keys() == before.keys()
        assert all(line.same(before[key]) for key, line in after.items())
