"""Compare the rows of two histories: which fields differ, by how much, and because of which events."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, cast

from msgspec import Struct, structs

from events.event import Event
from projections.read_model import Key, ReadModel
from streams.history.explain import Origin, origin_of
from streams.history.past import DecodedHistory, Past
from streams.history.refold import keys_as, refold_events
from streams.history.version import rewrites_rows, subscription

TAGS_PER_READ = 200
"""Tags whose histories are read in one query: enough to share its cost, few enough for the memory."""


class Figure(Struct, frozen=True, tag_field="told", tag="figure"):
    """A field of a row, or a value that it has on a day, before and after; `difference` if both are numbers.

    A missing row counts as one without events. `events` make the difference.
    """

    model: str
    key: Key
    field: str
    before: Any
    after: Any
    difference: float | None
    events: Sequence[Origin]


def compare(
    models: Iterable[ReadModel[Any]], tags: Collection[str], before: Past, after: Past, day: str
) -> Iterator[Figure]:
    """Yield the figures that differ between the rows of these tags folded from one past and from the other."""
    kinds: dict[str, list[str]] = {}
    for tag in sorted(tags):
        kind, _, value = tag.partition(":")
        kinds.setdefault(kind, []).append(value)
    of_kind: dict[str, list[ReadModel[Any]]] = {}
    for model in models:
        of_kind.setdefault(model.fold.tag, []).append(model)
    for kind in kinds.keys() & of_kind.keys():
        values = iter(kinds[kind])
        while part := list(islice(values, TAGS_PER_READ)):
            yield from _of_values(of_kind[kind], part, before, after, day)


def _of_values(
    models: Sequence[ReadModel[Any]], values: Sequence[str], before: Past, after: Past, day: str
) -> Iterator[Figure]:
    types = tuple(dict.fromkeys(each for model in models for each in subscription(model)))
    wanted = {f"{models[0].fold.tag}:{value}": types for value in values}
    one, other = before.apart(wanted), after.apart(wanted)
    for tag, value in zip(wanted, values, strict=True):
        apart = _differing_events(one[tag].readable(), other[tag].readable())
        if apart:
            for model in models:
                yield from _of_rows(model, value, (one[tag], other[tag]), apart, day)


def _differing_events(one: Sequence[Event], other: Sequence[Event]) -> list[Event]:
    """Return the events that are in one history only, or differ; these as they are in the first."""
    mine, theirs = ({each.position: each for each in some} for some in (one, other))
    positions = sorted(mine.keys() | theirs.keys())
    return [mine.get(at) or theirs[at] for at in positions if mine.get(at) != theirs.get(at)]


def _of_rows(
    model: ReadModel[Any],
    value: str,
    histories: tuple[DecodedHistory, DecodedHistory],
    apart: Sequence[Event],
    day: str,
) -> Iterator[Figure]:
    if not any(concerns(model, value, None, each) for each in apart):
        return
    one, other = (refold_events(model, value, each).lines for each in histories)
    for key in sorted(one.keys() | other.keys()):
        rows = [some[key].row if key in some else model.row(*key) for some in (one, other)]
        if rows[0] != rows[1]:
            events = [origin_of(each) for each in apart if concerns(model, value, key, each)]
            for name, (mine, theirs) in differing(rows[0], rows[1], day).items():
                yield Figure(model.name, key, name, mine, theirs, _difference(mine, theirs), events)


def concerns(model: ReadModel[Any], value: str, key: Key | None, event: Event) -> bool:
    """Report whether an event of a value's history may change the row with this key, or any row if it is None."""
    if type(event) in model.fold.events:
        try:
            return key is None or key in keys_as(model, value, event)
        except Exception:  # noqa: BLE001 - which rows a held event would change cannot be known
            return True
    return rewrites_rows(model, event)


def differing(one: Any, other: Any, day: str) -> dict[str, tuple[Any, Any]]:
    """Return the fields of two rows that differ, and their values on a day that do, by name."""
    mine, theirs = _figures(one, day), _figures(other, day)
    return {name: (mine[name], theirs[name]) for name in mine if mine[name] != theirs[name]}


def _figures(row: Any, day: str) -> dict[str, Any]:
    at = getattr(row, "at", None)
    return {**structs.asdict(row), **(cast("dict[str, Any]", at(day)) if at else {})}


def _difference(one: Any, other: Any) -> float | None:
    if any(isinstance(each, bool) or not isinstance(each, int | float) for each in (one, other)):
        return None
    found: float = round(other - one, 6)
    return found
