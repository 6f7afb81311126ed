"""What is too long for a batch, one case at a time: other rows stay, poison is found beside, and no correction is lost."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from msgspec import Struct
from msgspec.structs import replace

from events.clock import HOUR
from events.event import Event
from events.roll.pupils import StudentLeaveStarted
from events.roll.schools import SchoolDetailsChanged
from projections.read_model import OfDay, ReadModel
from streams.project import budget
from streams.project.projector import Projector
from streams.project.rebuild import Rebuild
from streams.project.refolder import Refolder
from streams.read_ports import Open, Parts, RefoldMark, Table
from streams.scenario import at
from tests.logs.histories import append

SHORT = 5


class Away(Struct):
    """A pupil's leaves from a school, for a test."""

    person: str
    school: str
    until: list[str] = []


class Named(Struct):
    """The names that a school was given on a day, for a test."""

    school: str
    day: Annotated[str, OfDay()]
    names: list[str] = []


def away(row: Away, event: StudentLeaveStarted) -> None:
    """Keep when leaves end, in the order in which they began."""
    row.until.append(event.until)


def named(row: Named, event: SchoolDetailsChanged) -> None:
    """Keep names; one of them cannot be."""
    row.names.append(event.name or "")
    if event.name == "poison":
        raise ValueError("no such name")


AWAY = ReadModel("test-away", "person", Away, away)
NAMED = ReadModel("test-named", "school", Named, named)


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MOST_REFOLDED", SHORT)


def leave(number: int, school: str, day: str) -> Event:
    return StudentLeaveStarted(person="p", school=school, until=day, reason=b"x", **envelope(number, day))


def renamed(number: int, name: str, day: str, hour: int = 1) -> Event:
    event = SchoolDetailsChanged(school="s", name=name, **envelope(number, day))
    return replace(event, occurred_at=event.occurred_at + hour * HOUR)


def envelope(number: int, day: str) -> dict[str, Any]:
    return {"id": str(number), "source": "/test", "occurred_at": at(day)}


def rows(parts: Parts, model: ReadModel[Any], value: str) -> dict[tuple[Any, ...], Any]:
    with parts.store.transaction() as store:
        found = store.of_tags(Table(model, parts.store.live()[model.name].table), [value])
    return {row: line.row for row, line in found.items()}


def marks(parts: Parts, model: ReadModel[Any]) -> list[RefoldMark]:
    with parts.store.transaction() as store:
        return list(store.marks(model.name))


def test_a_late_row_of_a_long_history_leaves_the_other_rows_of_its_value_in_a_rebuild(
    open_: Open, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [leave(number, "a", f"2024-09-0{number}") for number in range(2, 9)]
    append(parts.log, parts.codec, [*events, leave(20, "b", "2024-09-20")])
    monkeypatch.setattr("adapters.postgres.log.log._BATCH", 4)
    append(parts.log, parts.codec, [leave(30, "a", "2024-09-01")])
    Rebuild(open_).bring_up([AWAY])
    found = rows(parts, AWAY, "p")
    assert found["p", "a"].until == [f"2024-09-0{number}" for number in range(1, 9)]
    assert found["p", "b"].until == ["2024-09-20"]


def test_poison_on_a_day_of_a_long_history_is_found_beside_the_projector(open_: Open, parts: Parts) -> None:
    Rebuild(open_).bring_up([NAMED])
    live, aside = Projector(parts.log, parts.codec, parts.store, [NAMED]), Refolder(parts, [NAMED])
    append(
        parts.log,
        parts.codec,
        [renamed(number, f"n-{number}", f"2024-09-0{number}") for number in range(1, 9)],
    )
    live.step()
    poison = renamed(20, "poison", "2024-09-01", hour=0)
    append(parts.log, parts.codec, [poison])
    live.step()
    assert [each.key for each in marks(parts, NAMED)] == [None]
    assert parts.store.live()[NAMED.name].position == parts.log.head()
    while aside.step():
        live.step()
    assert marks(parts, NAMED) == []
    assert rows(parts, NAMED, "s") == {}
    assert parts.store.held(NAMED.name)[0].position == 9


def test_a_mark_that_was_raised_while_its_row_was_folded_stays(
    open_: Open, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    Rebuild(open_).bring_up([AWAY])
    live, aside = Projector(parts.log, parts.codec, parts.store, [AWAY]), Refolder(parts, [AWAY])
    events = [leave(number, "a", f"2024-09-0{number}") for number in range(2, 9)]
    append(parts.log, parts.codec, [*events, leave(20, "b", "2024-09-20")])
    live.step()
    append(parts.log, parts.codec, [leave(30, "a", "2024-09-01")])
    live.step()
    with parts.store.transaction() as store:
        store.mark([RefoldMark(AWAY.name, "p", None, 9)])
    finish = Refolder._finish

    def later(self: Refolder, result: Any) -> None:
        with parts.store.transaction() as store:
            store.mark([RefoldMark(AWAY.name, "p", None, 1000)])
        finish(self, result)

    with monkeypatch.context() as patch:
        patch.setattr(Refolder, "_finish", later)
        aside.step()
    assert [(each.key, each.since) for each in marks(parts, AWAY)] == [(None, 1000)]
