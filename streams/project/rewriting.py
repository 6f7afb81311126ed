"""Note what a batch rewrites by beginning or ending aliases, or by retractions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from events.alias import alias_of
from events.entry import Stored
from events.event import Event
from streams.history.aliases import REWRITING, Aliases, renaming
from streams.history.decoding import BrokenEntry, Decoded, retraction
from streams.history.version import renames, rewrites_rows
from streams.ports import Codec, Log, Undecodable
from streams.project.model_state import ModelState
from streams.project.refolds import Refolds
from streams.project.row_cache import values_of
from streams.read_ports import ReadTransaction, Renamed


class Rewriting:
    """Tells which rows of one share are to be folded again because their history is rewritten.

    All rewriting events of a batch happen to `aliases` first; then each value whose rows they touch is refolded once,
    as of the batch's end. A chain of merges costs what its last name's history does.
    """

    def __init__(
        self, log: Log, codec: Codec, states: Sequence[ModelState], aliases: Aliases, refolds: Refolds
    ) -> None:
        self._log, self._codec = log, codec
        self._states, self._aliases, self._refolds = states, aliases, refolds
        self._targets: Mapping[tuple[str, str], Stored] = {}
        self._renamed: list[Renamed] = []

    def begin(self, items: Sequence[Decoded]) -> None:
        """Let the rewriting events of a batch happen to the aliases, and note what they touch."""
        self._refolds.begin()
        found = [each for each in items if type(each) in REWRITING]
        gone = [identity for each in found if (identity := retraction(each))]
        self._targets = self._log.find(gone) if gone else {}
        for each in found:
            self._note(each)

    def settle(self, store: ReadTransaction) -> None:
        """Record the new aliases for queries."""
        if self._renamed:
            store.rename(self._renamed)
            self._renamed = []

    def _note(self, event: Decoded) -> None:
        """Let an event happen to the aliases, and note what it touches."""
        if isinstance(event, BrokenEntry):
            return
        if alias_of(type(event)):
            _, values = self._aliases.advance(event)
            self._renamed.append(renaming(event))
            for state in self._states:
                if state.position < event.position and renames(state.model, event):
                    self._refolds.whole(state, values, event.position)
        else:
            self._note_retraction(event)

    def _note_retraction(self, event: Event) -> None:
        """Note the rows of the event that is taken back; where they cannot be known, all rows of its values."""
        target = self._target(event)
        for state in self._states:
            if state.position < event.position and rewrites_rows(state.model, event):
                try:
                    rows = None if target is None else state.model.keys(target)
                except Exception:  # noqa: BLE001 - whatever finding its rows raises, it is held
                    rows = None
                if rows is None:
                    self._refolds.whole(state, values_of(state.model, event), event.position)
                for row in rows or ():
                    self._refolds.row(state, row, event.position)

    def _target(self, event: Event) -> Event | None:
        stored = self._targets.get(retraction(event) or ("", ""))
        try:
            return self._codec.decode(stored) if stored else None
        except Undecodable:
            return None
