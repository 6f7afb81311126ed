"""Citations: the events that proposed events cite are in the log, of the right type, and about the same person or thing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import chain

from domain.rule import Refused, TooEarly
from events.catalogue import names
from events.contract import Citation, citations, cited, tags, whole_tags
from events.entry import Stored, parse
from events.event import Event, Statement
from events.rewriting import retracted, retraction_kind, retraction_types, rewrites
from streams.ground.world_states import CITES
from streams.history.histories import Histories
from streams.ports import Codec, Log, Undecodable
from streams.publish.names import Names

Identity = tuple[str, str]
"""The source and the id of an event."""


class Citations:
    """The events that a batch cites, as far as the log has them."""

    def __init__(self, log: Log, codec: Codec, events: Sequence[Event]) -> None:
        self._codec, self._names = codec, Names(Histories(log, codec).query)
        self._rewriting = [(each.source, each.id) for each in events if rewrites(type(each))]
        """The identities of the batch's merges, separations and retractions, admitted or not."""
        wanted = list(dict.fromkeys(chain.from_iterable(map(cited, events))))
        self._stored: Mapping[Identity, Stored] = log.find(wanted) if wanted else {}
        self._gone = self._retracted(Histories(log, codec)) if self._stored else frozenset()

    def _retracted(self, histories: Histories) -> Collection[Identity]:
        """Return which of the cited events the log has retracted."""
        kind, types = retraction_kind(), retraction_types()
        found = histories.query({f"{kind}:{source}#{id_}": types for source, id_ in self._stored})
        return {gone for some in found.values() for each in some if (gone := retracted(each))}

    def refusal(self, event: Event, before: Mapping[Identity, Event]) -> Refused | None:
        """Return why an event is refused for what it cites; `before` was admitted earlier in the batch."""
        try:
            for citation in citations(event):
                self._check(event, citation, before)
            if (gone := retracted(event)) is not None:
                self._check_retraction(event, gone, before)
            else:
                self._check_standing(event, before)
        except Refused as refused:
            refused.rule = CITES
            return refused
        return None

    def _check(self, event: Event, citation: Citation, before: Mapping[Identity, Event]) -> None:
        """Raise Refused unless the cited event is recorded, of the right type and about the same."""
        name, kind = "#".join(citation.identity), self._type(citation.identity, before)
        if kind is None:
            raise TooEarly("unknown-evidence", f"the log has no event {name}")
        if citation.stated not in (None, kind):
            raise Refused("other-evidence", f"{name} is of type {kind}, not {citation.stated}")
        types = [names()[each] for each in citation.mark.types]
        if types and kind not in types:
            raise Refused(
                "other-evidence",
                f"{name} is of type {kind}, but `{citation.field}` cites {' or '.join(types)}",
            )
        if citation.mark.about:
            self._check_subject(event, citation, before)

    def _check_subject(self, event: Event, citation: Citation, before: Mapping[Identity, Event]) -> None:
        """Raise Refused unless the cited event carries, under any of their names, the tags that both must carry."""
        name = "#".join(citation.identity)
        try:
            theirs = set(tags(self._event(citation.identity, before)))
        except Undecodable:
            raise Refused(
                "evidence-unreadable", f"{name} cannot be decoded, so it is unknown what it is about"
            ) from None
        for tag in tags(event):
            kind, _, value = tag.partition(":")
            if kind not in citation.mark.about or tag in theirs:
                continue
            if theirs.isdisjoint(self._names.of(tag, self._rewritten(before))):
                raise Refused(
                    "evidence-of-another",
                    f"{name} is not about the {kind} {value}: `{citation.field}` cites an event about the same {kind}",
                )

    def _check_standing(self, event: Event, before: Mapping[Identity, Event]) -> None:
        """Raise Refused if a cited event was retracted or occurred only later; a retraction may name either."""
        for identity in cited(event):
            if self._occurred(identity, before) > event.occurred_at:
                name = "#".join(identity)
                raise Refused(
                    "evidence-later", f"{name} occurred only after this event: correct the time of one"
                )
            if identity in self._gone or any(retracted(each) == identity for each in self._rewritten(before)):
                name = "#".join(identity)
                raise Refused("evidence-retracted", f"{name} was retracted: cite an event that stands")

    def _check_retraction(self, event: Event, gone: Identity, before: Mapping[Identity, Event]) -> None:
        """Raise Refused unless an event may retract another one."""
        name = "#".join(gone)
        try:
            target = self._event(gone, before)
        except Undecodable:
            raise Refused("not-retractable", f"{name} cannot be decoded, so its tags are unknown") from None
        if event.source != target.source:
            raise Refused("not-its-source", f"only the source of {name} may retract it")
        if isinstance(target, Statement):
            raise Refused("not-retractable", f"{name} is a statement of this system itself")
        if rewrites(type(target)):
            raise Refused("not-retractable", f"{name} rewrites histories: it takes a new event to reverse it")
        if set(whole_tags(event)) != set(tags(target)):
            raise Refused("other-tags", f"the retraction must carry the tags of {name}, and no others")

    def _rewritten(self, before: Mapping[Identity, Event]) -> list[Event]:
        """Return what rewrites histories of that which was admitted, in order."""
        return [before[each] for each in self._rewriting if each in before]

    def _event(self, identity: Identity, before: Mapping[Identity, Event]) -> Event:
        """Return a cited event. Raises Undecodable."""
        return before.get(identity) or self._codec.decode(self._stored[identity])

    def _occurred(self, identity: Identity, before: Mapping[Identity, Event]) -> int:
        if identity in before:
            return before[identity].occurred_at
        return parse(self._stored[identity].entry).occurred_at

    def _type(self, identity: Identity, before: Mapping[Identity, Event]) -> str | None:
        if identity in before:
            return names()[type(before[identity])]
        found = self._stored.get(identity)
        return None if found is None else parse(found.entry).type
