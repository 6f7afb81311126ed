"""The refolder: folds marked rows again beside whoever follows the log, and puts them in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from events.entry import key
from events.event import Event
from events.rewriting import rewrites
from projections.read_model import Key, ReadModel
from streams.bus.topics import partition_of
from streams.history.aliases import Aliases
from streams.history.decoding import BrokenEntry, decode
from streams.history.histories import type_keys
from streams.history.refold import Refolded
from streams.history.version import digest
from streams.ports import History
from streams.project.aside import Aside, Part
from streams.project.row_fold import Poisoned
from streams.read_ports import Bookmark, BookmarkName, Parts, ReadTransaction, RefoldMark, Table

MOST_BEHIND = 2000
"""Events that may be folded on top while the bookmark is locked: a few hundredths of a second."""
MOST_ROUNDS = 20
"""Rounds of catching up, each with what came during the one before."""


class _Job(Struct):
    """The marks of one model's rows of a value, and where the model was when their folding began."""

    model: ReadModel[Any]
    marks: Sequence[RefoldMark]
    name: BookmarkName
    bookmark: Bookmark

    @property
    def part(self) -> Part:
        """What is to be folded."""
        keys = [each.key for each in self.marks if each.key is not None]
        return Part(self.model, None if len(keys) < len(self.marks) else frozenset(keys))


class _Result:
    """The rows of one job, folded up to a position, and what was added since."""

    def __init__(self, job: _Job, aside: Aside, place: int, upto: int) -> None:
        self.job, self.aside, self.upto, self._place = job, aside, upto, place
        self.poisoned = False
        """Whether an event that was added cannot be folded."""

    def add(self, events: Sequence[Event]) -> None:
        """Fold events on top."""
        for event in events:
            try:
                self.aside.folds[self._place].add(event)
            except Poisoned:
                self.poisoned = True

    @property
    def whole(self) -> bool:
        """Whether these are all rows of the value."""
        return self.aside.folds[self._place].keys is None

    @property
    def late(self) -> bool:
        """Whether an event came too late to be added."""
        return self.aside.folds[self._place].late

    @property
    def folded(self) -> Refolded:
        """The rows."""
        return self.aside.results()[self._place]


class Refolder:
    """Takes one value after another, the one that was marked first first. One thread uses it, one process at a time.

    Rows are folded up to the model's bookmark without any lock. Then the bookmark is locked, what has come since is
    folded on top, and the rows are written in one transaction. It counts as a change by somebody else, so whoever
    follows the log reads these rows anew. If anything has rewritten them meanwhile, their mark stays: they are better
    than before, and folded once more.
    """

    def __init__(self, parts: Parts, models: Sequence[ReadModel[Any]]) -> None:
        self._parts, self._models = parts, {each.name: each for each in models}
        self._aliases: Aliases | None = None

    def step(self) -> bool:
        """Fold the marked rows of one value again; report whether there were any."""
        first = self._parts.store.oldest_mark()
        if first is None:
            return False
        jobs = self._jobs(first)
        if not jobs:
            self._drop([first])
            return True
        upto, kind = jobs[0].bookmark.position, jobs[0].model.fold.tag
        aliases = Aliases.as_of(self._aliases, self._parts.log, self._parts.codec, upto)
        self._aliases = aliases
        if aliases.root(kind, first.value) != first.value:
            self._drop([mark for job in jobs for mark in job.marks])
            return True
        aside = Aside(self._parts.log, self._parts.codec, aliases, first.value, [each.part for each in jobs])
        aside.run(upto)
        for place, job in enumerate(jobs):
            self._finish(_Result(job, aside, place, upto))
        return True

    def _jobs(self, first: RefoldMark) -> list[_Job]:
        """Return what is marked of a value, for the models of one kind of tag that are as far as the first one.

        None, if that has no live table of this version.
        """
        if first.model not in self._models:
            return []
        kind = self._models[first.model].fold.tag
        names = [each.name for each in self._models.values() if each.fold.tag == kind]
        found: dict[str, list[RefoldMark]] = {first.model: []}
        for mark in self._parts.store.marked(names, first.value):
            found.setdefault(mark.model, []).append(mark)
        live = self._parts.store.live()
        jobs = [
            job
            for name, marks in found.items()
            if marks and (job := self._job(self._models[name], marks, live.get(name)))
        ]
        if not jobs or jobs[0].model.name != first.model:
            return []
        return [each for each in jobs if each.bookmark.position >= jobs[0].bookmark.position]

    def _job(self, model: ReadModel[Any], marks: Sequence[RefoldMark], live: Bookmark | None) -> _Job | None:
        if live is None or live.digest != digest(model):
            return None
        bookmarks = self._parts.store.snapshot(Table(model, live.table), []).bookmarks
        number = partition_of(marks[0].value, len(bookmarks))
        return _Job(model, marks, (model.name, number), bookmarks[number])

    def _drop(self, marks: Sequence[RefoldMark]) -> None:
        """Remove marks of what is not folded here: by a version that is gone, or of a value that is an alias now."""
        with self._parts.store.transaction() as store:
            store.unmark(marks)

    def _finish(self, result: _Result) -> None:
        """Fold on top what has come since, first without a lock and then with it, and write the rows."""
        job, upto = result.job, result.upto
        for _ in range(MOST_ROUNDS):
            table = Table(job.model, job.bookmark.table)
            now = self._parts.store.snapshot(table, []).bookmarks.get(job.name[1])
            if now is None or now.table != job.bookmark.table:
                return  # another table is live now: its rows were folded with everything
            behind = self._since(result, upto, now.position)
            if len(behind) <= MOST_BEHIND:
                break
            result.add(behind)
            upto = now.position
        with self._parts.store.transaction() as store:
            now = store.lock([job.name]).get(job.name)
            if now is not None and now.table == job.bookmark.table:
                result.add(self._since(result, upto, now.position))
                self._write(result, now, store)

    def _since(self, result: _Result, after: int, upto: int) -> list[Event]:
        """Return the events of a range that the model folds; what rewrites histories keeps the mark instead."""
        types = type_keys(tuple(each for each in result.job.model.fold.events if not rewrites(each)))
        wanted = [History(key(each), types, after) for each in result.aside.tags]
        stored = self._parts.log.histories(wanted, upto)
        return [each for each in decode(self._parts.codec, stored) if not isinstance(each, BrokenEntry)]

    def _write(self, result: _Result, now: Bookmark, store: ReadTransaction) -> None:
        """Put the rows of a job in place, and remove the marks that they have caught up with."""
        job = result.job
        value = job.marks[0].value
        marks = {each.key: each for each in store.marks(job.model.name, value)}
        mine = [marks[each.key] for each in job.marks if each.key in marks]
        if not mine:
            return
        if result.poisoned:  # which rows that leaves is found out once it is part of the history
            store.mark([RefoldMark(job.model.name, value, None, now.position)])
            return
        keys = [each.key for each in mine if each.key is not None]
        table = Table(job.model, now.table)
        _replace(table, value, result.folded, keys, store, whole=result.whole)
        done = [each for each in mine if each.since <= result.upto and not result.late]
        if done:
            store.unmark([RefoldMark(job.model.name, value, None, result.upto)] if result.whole else done)
        store.move({job.name: now.position})
        store.announce(now.position)


def _replace(
    table: Table,
    value: str,
    folded: Refolded,
    keys: Sequence[Key],
    store: ReadTransaction,
    *,
    whole: bool,
) -> None:
    """Replace rows in the table: all of a value with what is held of it, or those with some keys."""
    known = store.of_tags(table, [value]).keys() if whole else keys
    gone: dict[Key, int | None] = dict.fromkeys(each for each in known if each not in folded.lines)
    gone |= {each: line.at for each, line in folded.removed.items()}
    if folded.lines:
        store.write(table, list(folded.lines.values()))
    if gone:
        store.remove(table, gone)
    if whole:
        store.release(table.model.name, [key(f"{table.model.fold.tag}:{value}")])
        if folded.held:
            store.hold(table.model.name, folded.held)
