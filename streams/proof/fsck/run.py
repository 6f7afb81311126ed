"""Verifying the whole log: in tasks that several processes share, each noted when it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from time import perf_counter
from typing import Any, TypeAlias, TypeVar

from msgspec import Struct

from events.entry import parse
from streams.proof.fsck import columns, notes, tree
from streams.proof.fsck.notebook import Begun, Notebook
from streams.proof.fsck.ports import Finding, Head, Open, Tables
from streams.proof.fsck.tree import STRETCH, Grown, Rest, Stretch
from streams.tree.merkle import Tree, split
from streams.tree.verifier import Checkpoint, Key

T = TypeVar("T")
Progress: TypeAlias = Callable[[str, int, int], None]
"""Told of the stage, and how many entries of how many it is through."""


class Derived(Struct):
    """What came of deriving the columns of a stretch: the findings, and how many tag rows it must have."""

    findings: list[Finding]
    tags: int


class Report(Struct):
    """What was verified, what was found, and how long the stages took, in seconds."""

    size: int
    root: bytes
    checkpoints: int
    findings: list[Finding]
    tree_seconds: float
    column_seconds: float


def tree_task(open_: Open, stretch: Stretch, head: Tree) -> Grown:
    """Hold a stretch against the tree, in whatever process."""
    with open_() as parts:
        return tree.check(parts.tables, stretch, head)


def column_task(open_: Open, start: int, end: int) -> Derived:
    """Derive the columns of a stretch, in whatever process."""
    with open_() as parts:
        return Derived(*columns.check(parts.tables, parts.tags_of, start, end))


class Verification:
    """One run over the log as it is when the run begins, or as it was when an interrupted one began.

    `keys` are those whose signatures the checkpoints may have; `others` are checkpoints from elsewhere that the
    log must agree with, each with where it is from.
    """

    def __init__(
        self,
        open_: Open,
        keys: Sequence[Key],
        *,
        others: Sequence[tuple[str, Checkpoint]] = (),
        notebook: Notebook | None = None,
        processes: int = 1,
        progress: Progress = lambda _stage, _done, _total: None,
    ) -> None:
        self._open, self._keys, self._others = open_, keys, others
        self._notebook, self._processes, self._progress = notebook or Notebook(), processes, progress

    def run(self) -> Report:
        """Verify, and tell what was found; nothing found is nothing wrong."""
        with self._open() as parts:
            tables = parts.tables
            published, head = tables.checkpoints(), tables.head()  # in this order: none is of a larger size
            wanted = notes.sizes(published, [each for _, each in self._others], _size(head))
            begun = self._notebook.begin(Begun(head, tuple(wanted)))
            size = _size(begun.head)
            with self._executor(size) as executor:
                clock = perf_counter()
                rest = self.tree(executor, tables, begun)
                between = perf_counter()
                derived = self._columns(executor, tables, size)
                seconds = between - clock, perf_counter() - between
            findings = [
                *rest.findings,
                *derived,
                *of_head(tables, begun.head, rest.peaks),
                *tables.strays(),
                *notes.check(published, self._keys, rest.roots, head.position),
                *self._elsewhere(begun.head.id, rest, head.position),
                *_of_id(head.id, [each.origin for each in published]),
            ]
        self._notebook.finish()
        return Report(size, rest.roots[size], len(published), findings, *seconds)

    def tree(self, executor: Executor | None, tables: Tables, begun: Begun) -> Rest:
        """Hold the entries against the tree."""
        size = _size(begun.head)
        head = Tree(size, tuple(split((begun.head.tree or b"")[8:])))
        tasks = {
            f"tree {start}": partial(tree_task, self._open, stretch(start, size, begun.sizes), head)
            for start in range(0, size, STRETCH)
        }
        found = self._done(executor, "tree", size, tasks, Grown)
        rest = Rest(tables)
        for start, grown in zip(range(0, size, STRETCH), found, strict=True):
            rest.findings += grown.findings
            rest.add(stretch(start, size, begun.sizes), grown.peaks)
        rest.check()
        return rest

    def _columns(self, executor: Executor | None, tables: Tables, size: int) -> list[Finding]:
        tasks = {
            f"columns {start}": partial(column_task, self._open, start, min(start + STRETCH, size))
            for start in range(0, size, STRETCH)
        }
        found = self._done(executor, "columns", size, tasks, Derived)
        findings = [finding for each in found for finding in each.findings]
        count = sum(each.tags for each in found)
        complete = not any(each.table == "tags" for each in findings)
        return [*findings, *columns.check_tags(tables, size, count, complete=complete)]

    def _done(
        self,
        executor: Executor | None,
        stage: str,
        size: int,
        tasks: Mapping[str, Callable[[], T]],
        kind: type[T],
    ) -> list[T]:
        """Do the tasks that are not done yet, and return what came of all, in their order."""
        found = {task: done for task in tasks if (done := self._notebook.done(task, kind)) is not None}
        self._progress(stage, min(len(found) * STRETCH, size), size)
        for task, done in _each({each: do for each, do in tasks.items() if each not in found}, executor):
            self._notebook.note(task, done)
            found[task] = done
            self._progress(stage, min(len(found) * STRETCH, size), size)
        return [found[each] for each in tasks]

    @contextmanager
    def _executor(self, size: int) -> Iterator[Executor | None]:
        count = min(self._processes, -(-size // STRETCH))
        if count <= 1:
            yield None
            return
        # A fresh interpreter has none of this one's threads and connections.
        with ProcessPoolExecutor(count, get_context("spawn")) as executor:
            yield executor

    def _elsewhere(self, id_: str, rest: Rest, head: int) -> Iterator[Finding]:
        for place, each in self._others:
            sentence = notes.differs(each, rest.roots, head)
            if sentence is None and not each.origin.endswith(f"/{id_}"):
                sentence = f"it is of {each.origin}, another log; up to size {each.size} they are the same"
            if sentence:
                yield Finding("entries", "entry", f"{place}, size {each.size}", sentence)


def stretch(start: int, size: int, sizes: Sequence[int]) -> Stretch:
    """Return the stretch that begins here."""
    end = min(start + STRETCH, size)
    return Stretch(start, end, tuple(each for each in sizes if start < each < end))


def of_head(tables: Tables, head: Head, peaks: tuple[bytes, ...]) -> Iterator[Finding]:
    """Hold the head row against the last entry and the tree that was found."""
    if head.last != head.position:
        yield Finding("head", "position", "the row", f"there are entries up to position {head.last}")
    if head.last < head.position:
        sentence = f"there is no such entry, nor any after it up to {head.position}"
        yield Finding("entries", "position", f"position {head.last + 1}", sentence)
    if head.tree != Tree(_size(head), peaks).stored:
        yield Finding("head", "tree", "the row", "it is not the tree of the entries")
    last = tables.entries(head.position - 1, head.position) if 0 < head.position <= head.last else ()
    if (parse(last[0].entry).recorded_at if last else 0) != head.recorded_at:
        yield Finding("head", "recorded_at", "the row", "it is not that of the last entry")


def _size(head: Head) -> int:
    """Return how far the log is to be verified: where its head and its entries agree that it goes."""
    return max(0, min(head.position, head.last))


def _of_id(id_: str, origins: Sequence[str]) -> list[Finding]:
    if not origins or any(each.endswith(f"/{id_}") for each in origins):
        return []
    sentence = "no checkpoint is of this id: it was changed, or the log was restored and not served since"
    return [Finding("head", "id", "the row", sentence)]


def _each(tasks: Mapping[str, Callable[[], Any]], executor: Executor | None) -> Iterator[tuple[str, Any]]:
    if executor is None:
        yield from ((task, do()) for task, do in tasks.items())
        return
    running: dict[Future[Any], str] = {executor.submit(do): task for task, do in tasks.items()}
    try:
        for each in as_completed(running):
            yield running[each], each.result()
    finally:
        for each in running:
            each.cancel()
