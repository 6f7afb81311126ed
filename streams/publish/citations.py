"""What proposed events cite: other events, which must be in the log and be what they are told to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain

from domain.rule import Refused, TooEarly
from events.catalogue import names
from events.contract import cited, tags, whole_tags
from events.entry import Stored, parse
from events.event import Event, Statement
from events.rewriting import retracted, rewrites
from streams.ports import Codec, Log, Undecodable

Identity = tuple[str, str]

CITES = "log.cites_what_is_recorded"
"""The identity of the rule that what an event cites is in the log, and is what it is said to be."""


class Cited:
    """The cited events of a batch, those that are in the log."""

    def __init__(self, log: Log, codec: Codec, events: Iterable[Event]) -> None:
        self._codec = codec
        wanted = list(dict.fromkeys(chain.from_iterable(map(cited, events))))
        self._stored: Mapping[Identity, Stored] = log.find(wanted) if wanted else {}

    def refusal(self, event: Event, before: Mapping[Identity, Event]) -> Refused | None:
        """Return why an event is refused for what it cites; `before` was admitted earlier in the batch."""
        for identity, told in cited(event).items():
            kind = self._type(identity, before)
            if kind is None:
                return _by_this_rule(
                    TooEarly("unknown-evidence", f"no event {'#'.join(identity)} is in the log")
                )
            if told not in (None, kind):
                return _by_this_rule(
                    Refused("other-evidence", f"{'#'.join(identity)} is of type {kind}, not {told}")
                )
        gone = retracted(event)
        return None if gone is None else self._retraction(event, gone, before)

    def _retraction(self, event: Event, gone: Identity, before: Mapping[Identity, Event]) -> Refused | None:
        """Return why an event may not take back another one."""
        name = "#".join(gone)
        try:
            taken_back = before.get(gone) or self._codec.decode(self._stored[gone])
        except Undecodable:
            return _by_this_rule(
                Refused("not-retractable", f"{name} cannot be read, so its tags are not known")
            )
        if event.source != taken_back.source:
            return _by_this_rule(Refused("not-its-source", f"{name} is taken back by its own source only"))
        if isinstance(taken_back, Statement):
            return _by_this_rule(Refused("not-retractable", f"{name} was stated by this system itself"))
        if rewrites(type(taken_back)):
            return _by_this_rule(
                Refused("not-retractable", f"{name} rewrites histories: it is undone by an event of its own")
            )
        if set(whole_tags(event)) != set(tags(taken_back)):
            return _by_this_rule(Refused("other-tags", f"{name} carries {', '.join(tags(taken_back))}"))
        return None

    def _type(self, identity: Identity, before: Mapping[Identity, Event]) -> str | None:
        if identity in before:
            return names()[type(before[identity])]
        found = self._stored.get(identity)
        return None if found is None else parse(found.entry).type


def _by_this_rule(refused: Refused) -> Refused:
    refused.rule = CITES
    return refused
