"""A query about events: the parameters of `/events`, and their meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from adapters.http.protocol import cursors, grammar
from adapters.http.protocol.grammar import refuse
from adapters.postgres.serve.query import DEFAULT_LIMIT
from events.catalogue import by_name
from events.contract import tags
from events.entry import key
from events.event import Event
from streams.ports import Selection


class EventQuery(Struct, frozen=True):
    """A query about events. `cursor` is the last position of the page before."""

    tag: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    source: str | None = None
    after: int = 0
    before: int | None = None
    since: int | None = None
    until: int | None = None
    backwards: bool = False
    limit: int = DEFAULT_LIMIT
    cursor: int | None = None
    sealed: bool = False

    def selection(self, after: int, upto: int | None, limit: int) -> Selection:
        """Return the log's selection of these events in a range."""
        return Selection(
            tags=tuple(map(key, self.tag)),
            types=tuple(map(key, self.type)),
            source=None if self.source is None else key(self.source),
            after=after,
            upto=upto,
            limit=limit,
            backwards=self.backwards,
        )

    def takes(self, event: Event, name: str) -> bool:
        """Return whether the query truly chooses an event: an index of hashed keys may have found too many."""
        return (
            (not self.type or name in self.type)
            and (self.source is None or event.source == self.source)
            and (not self.tag or set(self.tag) <= set(tags(event)))
        )


FILTERS = ("tag", "type", "source", "after", "sealed")
SEARCH = (*FILTERS, "before", "from", "to", "backwards", "limit", "cursor")
OF_SOURCE = ("cursor", "from", "limit", "to")

_RENAMED = {"from": "since", "to": "until"}
_PARSERS: Mapping[str, Callable[[str, str], Any]] = {
    "source": grammar.plain,
    "after": grammar.integer,
    "before": grammar.integer,
    "from": grammar.start,
    "to": grammar.time,
    "backwards": grammar.boolean,
    "limit": grammar.limit,
    "cursor": cursors.read_position,
    "sealed": grammar.boolean,
}


def parse(query: bytes, options: Sequence[str]) -> EventQuery:
    """Parse a query about events; `tag` may be given several times (all must hold), `type` too (one must hold)."""
    given: dict[str, Any] = {}
    for name, text in grammar.pairs(query):
        if name not in options:
            refuse(name, f"unknown parameter {name!r}", parameters=sorted(options))
        if name == "tag":
            given[name] = (*given.get(name, ()), _tag(text))
        elif name == "type":
            given[name] = (*given.get(name, ()), *map(_type, text.split(",")))
        elif (field := _RENAMED.get(name, name)) in given:
            refuse(name, f"{name} is given twice")
        else:
            given[field] = _PARSERS[name](name, text)
    return EventQuery(**given)


def parse_source(source: str, query: bytes) -> EventQuery:
    """Parse a query about the events of a source; `from` and `to` are times or positions, both included."""
    given: dict[str, Any] = {"limit": grammar.LARGEST_LIMIT}
    for name, text in grammar.pairs(query):
        if name not in OF_SOURCE:
            refuse(name, f"unknown parameter {name!r}", parameters=OF_SOURCE)
        if name == "from" and text.isascii() and text.isdigit():
            given["after"] = max(grammar.integer(name, text) - 1, 0)
        elif name == "to" and text.isascii() and text.isdigit():
            given["before"] = grammar.integer(name, text) + 1
        else:
            given[_RENAMED.get(name, name)] = _PARSERS[name](name, text)
    return EventQuery(source=source, **given)


def _tag(text: str) -> str:
    kind, colon, rest = grammar.plain("tag", text).partition(":")
    if not (kind and colon and rest):
        refuse("tag", f"tag is {text!r}: give kind:value, such as person:p-1")
    return text


def _type(text: str) -> str:
    if text not in by_name():
        refuse("type", f"unknown event type {text!r}", types=sorted(by_name()))
    return text
