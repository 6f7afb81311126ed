"""Worlds: histories as they are or would be, under all names that stand for one thing, in the order of what occurred."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

from events.alias import alias_of
from events.contract import tags
from events.event import Event
from events.order import in_order
from events.rewriting import effective, rewriting_types
from streams.history.aliases import renaming
from streams.history.components import Components
from streams.history.histories import Query, Wanted

Identity: TypeAlias = tuple[str, str]
"""The source and the id of an event."""

Types: TypeAlias = tuple[type[Event], ...]


def identity(event: Event) -> Identity:
    """Return the source and the id of an event."""
    return event.source, event.id


class World:
    """What a query finds, with events `added` and without those of the identities `hidden`.

    The history of a tag is that of all names that are joined with it, whichever survived: what is judged again under a
    number that was merged is judged on the history of the person.
    """

    def __init__(
        self, query: Query, *, added: Sequence[Event] = (), hidden: Collection[Identity] = ()
    ) -> None:
        self._query, self._added, self._hidden = query, added, hidden

    def read(self, wanted: Wanted) -> dict[str, list[Event]]:
        """Return the events of the wanted types in the history of each tag, without what was retracted, in order."""
        return {tag: self._chosen(found, wanted[tag]) for tag, (found, _) in self._joint(wanted).items()}

    def names(self, tags_: Iterable[str]) -> set[str]:
        """Return tags together with all other names of what they stand for."""
        found = self._joint(dict.fromkeys(tags_, ()))
        return {name for _, names in found.values() for name in names}

    def _chosen(self, events: Iterable[Event], types: Types) -> list[Event]:
        return [each for each in events if type(each) in types]

    def _joint(self, wanted: Wanted) -> dict[str, tuple[list[Event], Collection[str]]]:
        asked = {tag: _rewritten(tag, types) for tag, types in wanted.items()}
        parts, read = dict(self._own(asked)), dict(asked)
        names: dict[str, Collection[str]] = {}
        reached = {tag: {tag} for tag in asked}
        grown = True
        while grown:
            lacking, grown = dict[str, Types](), False
            for tag, some in reached.items():
                names[tag] = _joined_with(tag, [each for name in some for each in parts[name]])
                grown = grown or not some.issuperset(names[tag])
                some.update(names[tag])
                for name in some:
                    if not set(asked[tag]) <= set(read.get(name, ())):
                        lacking[name] = _union(lacking.get(name, read.get(name, ())), asked[tag])
            if lacking:
                parts.update(self._own(lacking))
                read.update(lacking)
        return {tag: (_together(parts, names[tag]), names[tag]) for tag in asked}

    def _own(self, wanted: Wanted) -> Mapping[str, Sequence[Event]]:
        found = self._query(wanted)
        if not self._added and not self._hidden:
            return found
        more = dict(found)
        for tag in wanted:
            added = [each for each in self._added if tag in tags(each) and type(each) in wanted[tag]]
            more[tag] = [each for each in (*found[tag], *added) if identity(each) not in self._hidden]
        return more


def _joined_with(tag: str, events: Iterable[Event]) -> Collection[str]:
    """Return the tags that the alias events among these make names of one thing, this one included."""
    kind, _, value = tag.partition(":")
    names = Components()
    for event in sorted(_distinct(events), key=lambda each: each.position):
        alias = alias_of(type(event))
        if alias and alias[0] == kind:
            names.take(renaming(event))
    return [f"{kind}:{each}" for each in names.members(value)]


def _together(parts: Mapping[str, Sequence[Event]], names: Iterable[str]) -> list[Event]:
    return in_order(effective(list(_distinct(each for name in names for each in parts[name]))))


def _distinct(events: Iterable[Event]) -> Iterable[Event]:
    return {each.position: each for each in events}.values()


def _rewritten(tag: str, types: Types) -> Types:
    return _union(types, rewriting_types(tag.partition(":")[0]))


def _union(some: Types, others: Types) -> Types:
    return tuple(dict.fromkeys((*some, *others)))
