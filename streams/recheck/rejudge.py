"""Judge all admitted events again: by today's rules, or in a world with other rule data."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from domain.rule import Refused, Revision, Rule, TooEarly
from events.catalogue import names
from events.contract import cited, tags
from events.event import Event
from events.rewriting import retracted
from streams.ground.world_states import CITES
from streams.history.aliases import Aliases
from streams.history.decoding import BrokenEntry, Decoded, decode
from streams.ports import Codec, Log
from streams.project.bulk import OnProgress, silent
from streams.publish.judge import Judge, PreparedEvent
from streams.publish.warm_folds import WarmFolds
from streams.recheck.what_if import Identity, Imagined, World, world

WARM_BYTES = 96 * 1024 * 1024
"""Memory for warm folds, once for each world that is judged. More means fewer histories read again."""


class ChangedVerdict(Struct, frozen=True, tag_field="told", tag="verdict"):
    """An event of the log that would be refused: why, and by which rule."""

    position: int
    source: str
    id: str
    type: str
    code: str
    sentence: str
    rule: str


class Rejudge:
    """One walk along the log from its beginning, in batches, with warm folds of its own within `bound` bytes.

    Retracted events are left out. `substitutes` are rule data that replace those published, `without` are further
    events to leave out; with either, only the verdicts that they change are reported: an event that the rules would
    refuse anyway stays. `substitutes` are not judged themselves; `revisions` revise the figures that publishers copy
    from rule data. A refused event is left out from then on, so that what rests on it is found too. What has
    changed is kept in memory, on top of the bound.
    """

    def __init__(
        self,
        log: Log,
        codec: Codec,
        rules: Mapping[Rule, str],
        *,
        substitutes: Sequence[Event] = (),
        without: Collection[Identity] = (),
        revisions: Sequence[Revision] = (),
        bound: int = WARM_BYTES,
    ) -> None:
        self._log, self._codec, self.upto = log, codec, log.head()
        omitted = Aliases.load(log, codec, self.upto).retracted
        self.world = world(log, codec, {*omitted, *without}, substitutes)
        self._past = Imagined(log, codec, self.world)
        self._judge = Judge(rules, WarmFolds(self._past, bound), revisions if substitutes else ())
        compared = bool(substitutes or without)
        self._truth = _Truth(log, codec, rules, World(set(omitted)), bound) if compared else None
        self.touched: dict[str, None] = dict.fromkeys(
            tag for stored in log.find(list(without)).values() for tag in tags(codec.decode(stored))
        )
        """The tags of what has changed: their rows may differ."""

    def run(self, progress: OnProgress = silent) -> Iterator[ChangedVerdict]:
        """Yield the verdicts that change, in order of position."""
        self._admit_all(self.world.substituted(-1, 0))
        for batch in self._log.tail(0, self.upto, ()):
            yield from self._batch(decode(self._codec, batch))
            self._judge.shrink()
            progress(batch[-1].position, self.upto)

    def _admit_all(self, substitutes: Sequence[Event]) -> None:
        for each in substitutes:
            self._judge.admit(each)

    def _batch(self, items: Sequence[Decoded]) -> Iterator[ChangedVerdict]:
        self._past.upto = items[0].position - 1
        if self._truth:
            self._truth.begin(items)
        events = [each for each in items if not isinstance(each, BrokenEntry) and self.world.has(each)]
        prepared = iter(self._judge.prepare(events).events)
        for item in items:
            if isinstance(item, BrokenEntry):
                if not self._truth:
                    yield ChangedVerdict(item.position, "", "", item.type, "unreadable", item.reason, "")
            elif self.world.has(item):
                refused = self._judged(item, next(prepared))
                if refused:
                    yield _verdict(item, refused)
            else:
                self._admit_all(self.world.substituted(item.position - 1, item.position))

    def _judged(self, event: Event, prepared: PreparedEvent) -> Refused | None:
        """Judge an event; admit it, revised if need be, or leave it out and return why."""
        prepared = self._judge.revised(prepared)
        refused = _cites_omitted(event, self.world) or self._judge.refusal(prepared)
        if refused and not (self._truth and self._truth.refuses(event)):
            self.world.left_out.add((event.source, event.id))
            self.touched |= dict.fromkeys(tags(event))
            return refused
        if prepared.event is not event:
            self.world.revised[event.position] = prepared.event
            self.touched |= dict.fromkeys((*tags(event), *tags(prepared.event)))
        self._judge.admit(prepared.event)
        return None


class _Truth:
    """The log as it is, judged only when asked: would this event have been refused anyway?"""

    def __init__(self, log: Log, codec: Codec, rules: Mapping[Rule, str], world: World, bound: int) -> None:
        self._world, self._past = world, Imagined(log, codec, world)
        self._judge = Judge(rules, WarmFolds(self._past, bound))
        self._events: Sequence[Event] = ()
        self._prepared: Sequence[PreparedEvent] = ()
        self._admitted = 0
        self._warm_at = 0

    def begin(self, items: Sequence[Decoded]) -> None:
        """Begin a batch; its events are judged only if asked for."""
        after = items[0].position - 1
        if self._prepared:
            self._admit(items[0].position)
            self._judge.shrink()
            self._warm_at = after
        self._past.upto = after
        self._events = [each for each in items if not isinstance(each, BrokenEntry) and self._world.has(each)]
        self._prepared, self._admitted = (), 0

    def refuses(self, event: Event) -> bool:
        """Report whether an event of the batch is refused; to be asked in order."""
        if not self._prepared:
            if self._warm_at != self._past.upto:
                self._judge.clear()
            self._prepared = self._judge.prepare(self._events).events
        self._admit(event.position)
        prepared = self._prepared[self._admitted]
        return bool(_cites_omitted(event, self._world) or self._judge.refusal(prepared))

    def _admit(self, end: int) -> None:
        """Admit the events before a position."""
        for event in self._events[self._admitted :]:
            if event.position >= end:
                break
            self._judge.admit(event)
            self._admitted += 1


def _cites_omitted(event: Event, world: World) -> Refused | None:
    """Refuse an event that cites an omitted event; retractions are exempt."""
    if not world.left_out or retracted(event):
        return None
    for identity in cited(event):
        if identity in world.left_out:
            refused = TooEarly("unknown-evidence", f"the event {'#'.join(identity)} is left out")
            refused.rule = CITES
            return refused
    return None


def _verdict(event: Event, refused: Refused) -> ChangedVerdict:
    return ChangedVerdict(
        event.position,
        event.source,
        event.id,
        names()[type(event)],
        refused.code,
        refused.sentence,
        refused.rule,
    )
