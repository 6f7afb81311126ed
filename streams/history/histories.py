"""Histories from the log: the events that carry a tag or an alias of it, decoded and in order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import TypeAlias

from msgspec import Struct

from events.alias import other_names
from events.catalogue import names
from events.contract import tags
from events.entry import Stored, key
from events.event import Event
from events.rewriting import effective, rewriting_types, taken_back
from streams.ports import Codec, History, Log

Wanted: TypeAlias = Mapping[str, tuple[type[Event], ...]]
"""The types of events that are wanted of each tag."""

Query: TypeAlias = Callable[[Wanted], Mapping[str, Sequence[Event]]]
"""Returns the events that carry the tags themselves, whatever their aliases."""


KnownNames: TypeAlias = Callable[[str], Iterable[str]]
"""Returns the tags that are known as other names of a tag: a guess that saves queries."""


def no_names(_: str) -> Iterable[str]:
    """Know no names."""
    return ()


class Joined(Struct):
    """The history of a tag under all its names, without what was retracted, and its aliases, as tags.

    `taken_back` has the retracted events, each with the position of its retraction.
    """

    events: Sequence[Event]
    aliases: Collection[str] = ()
    taken_back: Sequence[tuple[Event, int]] = ()


class Histories:
    """Reads histories by tag. A tag's history includes those of its aliases."""

    def __init__(self, log: Log, codec: Codec, *, upto: int | None = None) -> None:
        self._log, self._codec = log, codec
        self.upto = upto
        """The last position that counts; None for all."""

    def read(self, wanted: Wanted) -> dict[str, list[Event]]:
        """Return the events of the wanted types that carry each wanted tag, in order; one query as a rule.

        Events that rewrite histories are included whether wanted or not; a fold picks those that it takes.
        Retracted events are left out.
        """
        return {tag: list(each.events) for tag, each in joined(self.query, wanted).items()}

    def query(self, wanted: Wanted) -> dict[str, list[Event]]:
        """Return the same without aliases: the events that carry the tags themselves."""
        histories = [History(key(tag), type_keys(types)) for tag, types in wanted.items()]
        return self._by_tag(self._log.histories(histories, self.upto), wanted)

    def _by_tag(self, stored: Sequence[Stored], wanted: Wanted) -> dict[str, list[Event]]:
        """Decode entries, and sort them by tag."""
        found: dict[str, list[Event]] = {tag: [] for tag in wanted}
        for event in self.taken(stored, wanted):
            for tag in tags(event):
                if tag in found and type(event) in wanted[tag]:
                    found[tag].append(event)
        return found

    def taken(self, stored: Sequence[Stored], wanted: Collection[str]) -> Iterable[Event]:  # noqa: ARG002 - for subclasses that take fewer
        """Decode the entries read for these tags. Raises Undecodable."""
        return self._codec.decode_all(stored)


def joined(query: Query, wanted: Wanted, known: KnownNames = no_names) -> dict[str, Joined]:
    """Join the histories of wanted tags with those of their aliases; every event has a position of its own.

    Those of the `known` names are read with the first query. Others are found from link to link, a query for each link
    of the longest chain; which names count, the histories decide.
    """
    asked = {tag: _rewritten(_kind(tag), types) for tag, types in wanted.items()}
    types = dict(asked)
    for tag, some in asked.items():
        for each in known(tag):
            if each != tag:
                types[each] = _union(types.get(each, ()), some)
    own = query(types)
    merged = {tag: asked[tag] for tag in asked if _merged_into(tag, own[tag])}
    found = {tag: _joined(own[tag]) for tag in asked if tag not in merged}
    return found | _under_all_names(query, merged, own, types) if merged else found


def _under_all_names(
    query: Query, asked: Wanted, own: Mapping[str, Sequence[Event]], read: Wanted
) -> dict[str, Joined]:
    """Follow the aliases of all tags together; `own` are the histories that were `read` for these types."""
    types: dict[str, tuple[type[Event], ...]] = {}
    for tag, some in asked.items():
        types[_kind(tag)] = _union(types.get(_kind(tag), ()), some)
    parts = {tag: own[tag] for tag, some in read.items() if set(types.get(_kind(tag), ())) <= set(some)}
    members = {tag: {tag: None} for tag in asked}
    new = {tag: [tag] for tag in asked}
    while new:
        lacking = {tag: types[_kind(tag)] for some in new.values() for tag in some if tag not in parts}
        if lacking:
            parts.update(query(lacking))
        new = {root: more for root, some in new.items() if (more := _further(members[root], some, parts))}
    return {tag: _join(tag, members[tag], asked[tag], parts) for tag in asked}


def _further(
    members: dict[str, None], last: Iterable[str], parts: Mapping[str, Sequence[Event]]
) -> list[str]:
    """Add the aliases of the members found last to the members; return those that are new."""
    found = {each: None for tag in last for each in _merged_into(tag, parts[tag]) if each not in members}
    members.update(found)
    return list(found)


def _join(
    tag: str,
    members: Collection[str],
    types: tuple[type[Event], ...],
    parts: Mapping[str, Sequence[Event]],
) -> Joined:
    """Join the parts of a history in order of position; an event that carries several of the names counts once."""
    together = {each.position: each for name in members for each in parts[name]}
    ordered = [together[position] for position in sorted(together) if type(together[position]) in types]
    return _joined(ordered, [each for each in members if each != tag])


def _joined(history: Sequence[Event], aliases: Collection[str] = ()) -> Joined:
    return Joined(effective(history), aliases, taken_back(history))


def _merged_into(tag: str, events: Sequence[Event]) -> set[str]:
    """Return the tags that are aliases of a tag itself, after the alias events of its own history."""
    kind, _, value = tag.partition(":")
    return {f"{kind}:{each}" for each in other_names(value, events)} if events else set()


def _kind(tag: str) -> str:
    return tag.partition(":")[0]


def _union(some: tuple[type[Event], ...], others: tuple[type[Event], ...]) -> tuple[type[Event], ...]:
    return some if some == others else tuple(dict.fromkeys((*some, *others)))


@cache
def _rewritten(kind: str, types: tuple[type[Event], ...]) -> tuple[type[Event], ...]:
    return (*types, *(each for each in rewriting_types(kind) if each not in types))


@cache
def type_keys(types: tuple[type[Event], ...]) -> tuple[int, ...]:
    """Return the keys by which the log finds these types."""
    return tuple(key(names()[each]) for each in types)
