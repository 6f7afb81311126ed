"""What cannot be taken is held with all that follows on its tag; everything else goes on."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import msgspec
import pytest
from msgspec import Struct

from events.entry import Proposal
from events.event import Event
from events.identity.persons import PersonsMerged, PersonsSeparated
from events.rewriting import rewrites
from events.roll.pupils import StudentEnrolled, StudentPromoted
from projections.read_model import ReadModel
from streams.history.past import Past
from streams.history.refold import refold
from streams.project.model_state import MOST_HELD, TooManyHeld
from streams.project.projector import Projector
from streams.project.rebuild import Rebuild
from streams.read_ports import Line, Open, Parts, Table
from streams.recheck.replay import replay
from streams.scenario import at
from tests.logs.histories import append, retraction

FAULTY = {"on": True}


class Pupil(Struct):
    """A pupil of a test."""

    person: str
    grades: list[int] = []
    school: str = ""


def pupil(row: Pupil, event: StudentEnrolled | StudentPromoted) -> None:
    """Follow a pupil; grade 13 cannot be."""
    row.grades.append(event.grade if isinstance(event, StudentEnrolled) else event.to_grade)
    if FAULTY["on"] and row.grades[-1] == 13:
        raise ValueError("no such grade")
    row.school = event.school


PUPILS = ReadModel("test-pupils", "person", Pupil, pupil, filter=("school",))


@pytest.fixture(autouse=True)
def _faulty() -> Iterator[None]:
    FAULTY["on"] = True
    yield
    FAULTY["on"] = True


def enrolled(number: int, person: str, grade: int = 1, school: str = "s-1") -> StudentEnrolled:
    return StudentEnrolled(
        person=person,
        school=school,
        district="d-1",
        stage="primary",
        grade=grade,
        id=str(number),
        source="/test",
        occurred_at=at("2024-09-01"),
    )


def promoted(number: int, person: str, grade: int) -> StudentPromoted:
    return StudentPromoted(
        person=person,
        school="s-2",
        district="d-1",
        stage="primary",
        from_grade=grade - 1,
        to_grade=grade,
        id=str(number),
        source="/test",
        occurred_at=at("2025-09-01"),
    )


@pytest.fixture
def live(open_: Open, parts: Parts) -> Projector:
    Rebuild(open_).bring_up([PUPILS])
    return Projector(parts.log, parts.codec, parts.store, [PUPILS])


def found(parts: Parts, *persons: str) -> list[Line | None]:
    table = Table(PUPILS, parts.store.live()["test-pupils"].table)
    with parts.store.transaction() as store:
        lines = store.load(table, [(each,) for each in persons])
    return [lines.get((each,)) for each in persons]


def grades(parts: Parts, *persons: str) -> list[list[int] | None]:
    return [None if line is None else line.row.grades for line in found(parts, *persons)]


POISONED = (
    enrolled(1, "p-1", 1),
    enrolled(2, "p-2", 1),
    promoted(3, "p-1", 13),
    promoted(4, "p-2", 2),
    promoted(5, "p-1", 3),
)


@pytest.mark.parametrize("batches", [1, 5])
def test_a_poisonous_event_holds_its_key_alone(live: Projector, parts: Parts, batches: int) -> None:
    for start in range(0, 5, 5 // batches):
        append(parts.log, parts.codec, POISONED[start : start + 5 // batches])
        live.step()
    assert grades(parts, "p-1", "p-2") == [[1], [1, 2]]
    assert [(each.text, each.position, each.reason) for each in parts.store.held("test-pupils")] == [
        ("person:p-1", 3, "ValueError: no such grade"),
        ("person:p-1", 5, "an event before it is held"),
    ]
    assert parts.store.live()["test-pupils"].position == 5


def test_what_is_held_is_released_once_it_can_be_taken(live: Projector, parts: Parts) -> None:
    append(parts.log, parts.codec, POISONED)
    live.step()
    assert live.retry("test-pupils") == 0
    assert [each.position for each in parts.store.held("test-pupils")] == [3, 5]
    FAULTY["on"] = False
    assert live.retry("test-pupils") == 1
    assert grades(parts, "p-1", "p-2") == [[1, 13, 3], [1, 2]]
    assert not parts.store.held("test-pupils")
    append(parts.log, parts.codec, [promoted(6, "p-1", 4)])
    live.step()
    assert grades(parts, "p-1") == [[1, 13, 3, 4]]


def test_a_rebuild_holds_the_same(live: Projector, open_: Open, parts: Parts) -> None:
    append(parts.log, parts.codec, POISONED)
    live.step()
    before = found(parts, "p-1", "p-2")
    held = {(each.text, each.position) for each in parts.store.held("test-pupils")}
    Rebuild(open_).run([PUPILS])
    assert all(one and one.same(other) for one, other in zip(before, found(parts, "p-1", "p-2"), strict=True))
    assert {(each.text, each.position) for each in parts.store.held("test-pupils")} == held
    assert list(replay(open_, [PUPILS])) == []


def test_bytes_that_cannot_be_decoded_hold_their_tags(live: Projector, parts: Parts) -> None:
    proposal: Proposal = parts.codec.propose(promoted(2, "p-1", 2))
    broken = msgspec.structs.replace(proposal, data=proposal.data[:-3])
    append(parts.log, parts.codec, [enrolled(1, "p-1"), enrolled(10, "p-2")])
    parts.log.append([broken])
    append(parts.log, parts.codec, [promoted(3, "p-1", 3), promoted(4, "p-2", 2)])
    live.step()
    assert grades(parts, "p-1", "p-2") == [[1], [1, 2]]
    assert {each.position for each in parts.store.held("test-pupils")} == {3, 4}
    assert live.retry("test-pupils") == 0
    assert grades(parts, "p-1", "p-2") == [[1], [1, 2]]


def test_a_row_that_cannot_be_stored_is_held(live: Projector, open_: Open, parts: Parts) -> None:
    append(
        parts.log, parts.codec, [enrolled(1, "p-1"), enrolled(2, "p-1", school="a\0b"), enrolled(3, "p-2")]
    )
    live.step()
    assert grades(parts, "p-1", "p-2") == [[1], [1]]
    assert [each.position for each in parts.store.held("test-pupils")] == [2]
    Rebuild(open_).run([PUPILS])
    assert grades(parts, "p-1", "p-2") == [[1], [1]]
    assert [each.position for each in parts.store.held("test-pupils")] == [2]


def test_a_merge_takes_what_is_held_along(live: Projector, open_: Open, parts: Parts) -> None:
    append(parts.log, parts.codec, POISONED)
    live.step()
    merge = PersonsMerged(merged="p-1", surviving="p-2", id="m", source="/test", occurred_at=at("2025-10-01"))
    append(parts.log, parts.codec, [merge])
    live.step()
    assert grades(parts, "p-1", "p-2") == [None, [1, 1]]
    assert {each.text for each in parts.store.held("test-pupils")} == {"person:p-2"}
    assert list(replay(open_, [PUPILS])) == []


def test_too_many_held_keys_are_a_fault(live: Projector, parts: Parts) -> None:
    append(parts.log, parts.codec, [enrolled(number, f"p-{number}", 13) for number in range(MOST_HELD - 1)])
    live.step()
    append(parts.log, parts.codec, [enrolled(1000 + number, f"q-{number}", 13) for number in range(2)])
    with pytest.raises(TooManyHeld):
        live.step()
    assert parts.store.live()["test-pupils"].position == MOST_HELD - 1


@pytest.mark.parametrize("seed", range(4))
def test_poison_among_merges_and_retractions_is_held_as_in_a_rebuild(
    open_: Open, parts: Parts, live: Projector, seed: int
) -> None:
    dice, made = Random(seed), list[Event]()
    for number in range(120):
        made.append(_any(dice, number, made))
    while made:
        size = dice.randrange(1, 25)
        append(parts.log, parts.codec, made[:size])
        made = made[size:]
        while live.step():
            pass
    persons = [f"p-{each}" for each in range(8)]
    past = Past(parts.log, parts.codec)
    for person, line in zip(persons, found(parts, *persons), strict=True):
        again = refold(PUPILS, person, past).lines.get((person,))
        assert line == again or (line and again and line.same(again))
    followed, held = grades(parts, *persons), held_of(parts)
    assert held
    Rebuild(open_).run([PUPILS])
    assert (grades(parts, *persons), held_of(parts)) == (followed, held)


def _any(dice: Random, number: int, before: Sequence[Event]) -> Event:
    person, other = dice.sample([f"p-{each}" for each in range(8)], 2)
    envelope: dict[str, Any] = {"id": f"n-{number}", "source": "/test", "occurred_at": at("2025-10-01")}
    merges = [each for each in before if isinstance(each, PersonsMerged)]
    names = {each.merged for each in merges}
    ordinary = [each for each in before if not rewrites(type(each))]
    match dice.randrange(10):
        case 0 if person not in names and other not in names:
            return PersonsMerged(merged=person, surviving=other, **envelope)
        case 1 if merges:
            merge = dice.choice(merges)
            return PersonsSeparated(
                separated=merge.merged, surviving=merge.surviving, merge="/test#x", **envelope
            )
        case 2 | 3 if ordinary:
            return retraction(dice.choice(ordinary), **envelope)
        case _:
            return promoted(1000 + number, person, dice.choice([2, 3, 4, 5, 6, 13]))


def held_of(parts: Parts) -> set[tuple[int, int]]:
    return {(each.tag, each.position) for each in parts.store.held("test-pupils")}
