"""Citations: the events that proposed events cite must be in the log and of the stated types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain

from domain.rule import Refused, TooEarly
from events.catalogue import names
from events.contract import cited, tags, whole_tags
from events.entry import Stored, parse
from events.event import Event, Statement
from events.rewriting import retracted, rewrites
from streams.ground.world_states import CITES
from streams.ports import Codec, Log, Undecodable

Identity = tuple[str, str]
"""The source and the id of an event."""


class Citations:
    """The events that a batch cites, as far as the log has them."""

    def __init__(self, log: Log, codec: Codec, events: Iterable[Event]) -> None:
        self._codec = codec
        wanted = list(dict.fromkeys(chain.from_iterable(map(cited, events))))
        self._stored: Mapping[Identity, Stored] = log.find(wanted) if wanted else {}

    def refusal(self, event: Event, before: Mapping[Identity, Event]) -> Refused | None:
        """Return why an event is refused for what it cites; `before` was admitted earlier in the batch."""
        for identity, stated in cited(event).items():
            kind = self._type(identity, before)
            if kind is None:
                return _by_this_rule(
                    TooEarly("unknown-evidence", f"the log has no event {'#'.join(identity)}")
                )
            if stated not in (None, kind):
                return _by_this_rule(
                    Refused("other-evidence", f"{'#'.join(identity)} is of type {kind}, not {stated}")
                )
        gone = retracted(event)
        return None if gone is None else self._retraction(event, gone, before)

    def _retraction(self, event: Event, gone: Identity, before: Mapping[Identity, Event]) -> Refused | None:
        """Return why an event may not retract another one."""
        name = "#".join(gone)
        try:
            target = before.get(gone) or self._codec.decode(self._stored[gone])
        except Undecodable:
            return _by_this_rule(
                Refused("not-retractable", f"{name} cannot be decoded, so its tags are unknown")
            )
        if event.source != target.source:
            return _by_this_rule(Refused("not-its-source", f"only the source of {name} may retract it"))
        if isinstance(target, Statement):
            return _by_this_rule(Refused("not-retractable", f"{name} is a statement of this system itself"))
        if rewrites(type(target)):
            return _by_this_rule(
                Refused("not-retractable", f"{name} rewrites histories: it takes a new event to reverse it")
            )
        if set(whole_tags(event)) != set(tags(target)):
            return _by_this_rule(
                Refused(
                    "other-tags", f"the retraction must carry the tags of {name}: {', '.join(tags(target))}"
                )
            )
        return None

    def _type(self, identity: Identity, before: Mapping[Identity, Event]) -> str | None:
        if identity in before:
            return names()[type(before[identity])]
        found = self._stored.get(identity)
        return None if found is None else parse(found.entry).type


def _by_this_rule(refused: Refused) -> Refused:
    refused.rule = CITES
    return refused
