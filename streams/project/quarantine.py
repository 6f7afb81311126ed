"""Quarantine: an event that a model cannot fold is held, and so are all of its tag that occurred later, until a retry."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from events.catalogue import by_name
from events.entry import key
from events.event import Event
from events.order import moment
from streams.history.aliases import Aliases
from streams.history.decoding import BrokenEntry, Decoded, decode
from streams.history.refold import AFTER, held_event
from streams.ports import Codec, Log, Selection
from streams.project.model_state import ModelState
from streams.project.refolds import Refolds
from streams.project.row_cache import values_of
from streams.project.share import Share
from streams.read_ports import Held, ReadTransaction

UNREADABLE = "unknown"
"""The type of an entry that not even that can be read of."""


class Quarantine:
    """Keeps events from the rows of one share, and releases them; the model states own what is held.

    Refolding finds which event of a value cannot be folded. Here it is told of which values that has to be found out.
    """

    def __init__(
        self,
        log: Log,
        codec: Codec,
        states: Sequence[ModelState],
        aliases: Aliases,
        *,
        share: Share,
        refolds: Refolds,
    ) -> None:
        self._log, self._codec = log, codec
        self._states, self._aliases, self._share = states, aliases, share
        self._refolds = refolds

    def hold_whole(self, state: ModelState, event: Event) -> None:
        """Hold an event under all its tags of the model's kind: which rows it changes cannot be known."""
        self._refolds.whole(state, self._mine(state, values_of(state.model, event)), event.position)

    def hold_broken(self, entry: BrokenEntry, tags_at: Callable[[int], Sequence[int]]) -> None:
        """Hold an undecodable entry under all its tags, of whatever kind: which are a model's cannot be known.

        An entry of a type that this version does not know concerns none of its models.
        """
        if entry.type not in by_name() and entry.type != UNREADABLE:
            return
        for state in self._states:
            if entry.position > state.position and (entry.type in state.types or entry.type == UNREADABLE):
                for tag in tags_at(entry.position):
                    self._hold_under(state, tag, entry)

    def hold_behind(self, state: ModelState, value: str, event: Event) -> bool:
        """Report whether anything of an event's value is held; hold it too, unless it occurred before that."""
        tag = state.tag(value)
        first = state.held.get(key(tag))
        if first is None:
            return False
        if moment(event) < moment(first):
            self._refolds.whole(state, [value], event.position)
        else:
            state.hold(held_event(tag, event, AFTER))
        return True

    def retry(self, state: ModelState, store: ReadTransaction) -> None:
        """Refold all held tags as of the state's position; release those whose events can be folded now."""
        for tag in list(state.held):
            values = self._values(state, tag)
            for value in values:
                self._refolds.alone(state, value, state.position, store)
            if not values and not self._first(state, tag):
                state.release(tag)

    def settle(self, store: ReadTransaction) -> None:
        """Record what has been held and released. Raises TooManyHeld."""
        for state in self._states:
            released, held = state.take_changes()
            if released:
                store.release(state.model.name, released)
            if held:
                store.hold(state.model.name, held)
                state.check(len(store.held(state.model.name)))

    def _hold_under(self, state: ModelState, tag: int, entry: BrokenEntry) -> None:
        """Hold an entry under the value with this tag, which other events of it tell, else under the tag's key alone."""
        if values := self._values(state, tag):
            self._refolds.whole(state, values, entry.position)
        else:
            state.hold(Held(tag, None, entry.occurred_at, entry.position, entry.type, entry.reason))

    def _values(self, state: ModelState, tag: int) -> Sequence[str]:
        """Return the values of this share that stand for those with a tag's key, as its first events tell them."""
        found = dict.fromkeys(
            value
            for each in self._first(state, tag)
            if not isinstance(each, BrokenEntry)
            for value in values_of(state.model, each)
            if key(state.tag(value)) == tag
        )
        return self._mine(state, list(found))

    def _first(self, state: ModelState, tag: int) -> Sequence[Decoded]:
        wanted = Selection(tags=(tag,), types=tuple(map(key, sorted(state.types))))
        return decode(self._codec, self._log.select(wanted))

    def _mine(self, state: ModelState, values: Sequence[str]) -> list[str]:
        kind = state.model.fold.tag
        return self._share.chosen(dict.fromkeys(self._aliases.root(kind, each) for each in values))
