"""Quarantine: an event that a model cannot fold is held, and so are all later events of its tag, until a retry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from events.catalogue import by_name
from events.entry import key
from events.event import Event
from streams.history.aliases import Aliases
from streams.history.decoding import BrokenEntry, decode
from streams.history.refold import AFTER, held_event, reason
from streams.ports import Codec, History, Log
from streams.project.model_state import ModelState
from streams.project.rewriting import Rewriting
from streams.project.row_cache import values_of
from streams.project.share import Share
from streams.read_ports import Held, ReadTransaction


class Quarantine:
    """Keeps events from the rows of one share, and releases them; the model states own what is held."""

    def __init__(
        self,
        log: Log,
        codec: Codec,
        states: Sequence[ModelState],
        aliases: Aliases,
        *,
        share: Share,
        rewriting: Rewriting,
    ) -> None:
        self._log, self._codec = log, codec
        self._states, self._aliases, self._share = states, aliases, share
        self._rewriting = rewriting

    def hold(
        self, state: ModelState, value: str, event: Event, error: Exception, store: ReadTransaction
    ) -> None:
        """Hold an event of a value, whose rows go back to what they were before it."""
        self._rewriting.refold(state, value, max(event.position, self._rewriting.since), store)
        tag = state.tag(value)
        if key(tag) not in state.held:
            state.hold(held_event(tag, event, reason(error)))

    def hold_whole(self, state: ModelState, event: Event, error: Exception) -> None:
        """Hold an event under all its tags of the model's kind: which rows it changes cannot be known."""
        kind = state.model.fold.tag
        roots = dict.fromkeys(self._aliases.root(kind, each) for each in values_of(state.model, event))
        for value in self._share.chosen(roots):
            state.hold(held_event(state.tag(value), event, reason(error)))

    def hold_broken(self, entry: BrokenEntry, tags_at: Callable[[int], Sequence[int]]) -> None:
        """Hold an undecodable entry under all its tags, of whatever kind: which are a model's cannot be known."""
        known = entry.type in by_name()
        for state in self._states:
            if entry.position > state.position and (entry.type in state.types or not known):
                roots = self._roots(state)
                for tag in tags_at(entry.position):
                    state.hold(Held(roots.get(tag, tag), None, entry.position, entry.type, entry.reason))

    def hold_behind(self, state: ModelState, value: str, event: Event) -> bool:
        """Hold an event that follows a held one of its value; report whether it does."""
        tag = state.tag(value)
        if key(tag) not in state.held:
            return False
        state.hold(held_event(tag, event, AFTER))
        return True

    def retry(self, state: ModelState, store: ReadTransaction) -> None:
        """Refold all held tags as of the state's position; release those whose events can be folded now."""
        for tag in list(state.held):
            self._retry(state, tag, store)

    def settle(self, store: ReadTransaction) -> None:
        """Record what has been held and released. Raises TooManyHeld."""
        for state in self._states:
            released, held = state.take_changes()
            if released:
                store.release(state.model.name, released)
            if held:
                store.hold(state.model.name, held)
                state.check(len(store.held(state.model.name)))

    def _retry(self, state: ModelState, tag: int, store: ReadTransaction) -> None:
        entries = self._log.histories([History(tag, tuple(map(key, state.types)))])
        items = [each for each in decode(self._codec, entries) if each.position <= state.position]
        values = {
            value
            for each in items
            if not isinstance(each, BrokenEntry)
            for value in values_of(state.model, each)
            if key(state.tag(value)) == tag
        }
        for value in self._share.chosen(values):
            self._rewriting.refold(state, value, state.position, store)
        if not values and not any(isinstance(each, BrokenEntry) for each in items):
            state.release(tag)

    def _roots(self, state: ModelState) -> Mapping[int, int]:
        """Return the tag keys of all aliases, each with the tag key of the value that it stands for."""
        kind = state.model.fold.tag
        return {
            key(state.tag(alias)): key(state.tag(self._aliases.root(kind, alias)))
            for alias in self._aliases.of(kind)
        }
