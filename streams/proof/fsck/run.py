"""A run of fsck: verifies the whole log in tasks that processes share; the journal records each finished task."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from time import perf_counter
from typing import Any, TypeAlias, TypeVar

from msgspec import Struct

from streams.proof.fsck import checkpoints, columns, head_row, tree
from streams.proof.fsck.journal import Journal, RunScope
from streams.proof.fsck.ports import Finding, LogTables, OpenStoredLog
from streams.proof.fsck.tree import SEGMENT_LEAVES, Segment, SegmentResult, TreeAssembly
from streams.tree.merkle import Tree, split
from streams.tree.verifier import Checkpoint, Key

T = TypeVar("T")

OnStageProgress: TypeAlias = Callable[[str, int, int], None]
"""Called with the stage, the number of entries that it has verified, and the total."""


class ColumnsResult(Struct):
    """The result of deriving the columns of a segment: the findings, and how many tag rows it must have."""

    findings: list[Finding]
    tags: int


class VerificationReport(Struct):
    """What was verified, what was found, and how many seconds each stage took.

    `taken_over` of all `tasks` were finished by an interrupted run: what has changed since then is not seen.
    """

    size: int
    root: bytes
    checkpoints: int
    findings: list[Finding]
    tree_seconds: float
    column_seconds: float
    taken_over: int
    tasks: int


def tree_task(open_: OpenStoredLog, segment: Segment, head: Tree) -> SegmentResult:
    """Check a segment against the tree, in any process."""
    with open_() as stored:
        return tree.check(stored.tables, segment, head)


def column_task(open_: OpenStoredLog, start: int, end: int) -> ColumnsResult:
    """Check the columns of a segment, in any process."""
    with open_() as stored:
        return ColumnsResult(*columns.check(stored.tables, stored.tags_of, start, end))


class Verification:
    """One run over the log as it is when the run begins, or as it was when the run that is resumed began.

    `keys` are those whose signatures checkpoints may have; `others` are checkpoints from elsewhere that the log must
    agree with, each with the name of its source.
    """

    def __init__(
        self,
        open_: OpenStoredLog,
        keys: Sequence[Key],
        *,
        others: Sequence[tuple[str, Checkpoint]] = (),
        journal: Journal | None = None,
        processes: int = 1,
        progress: OnStageProgress = lambda _stage, _done, _total: None,
    ) -> None:
        self._open, self._keys, self._others = open_, keys, others
        self._journal, self._processes, self._progress = journal or Journal(), processes, progress

    def run(self) -> VerificationReport:
        """Verify the log and return the report; a log without findings is sound."""
        with self._open() as stored:
            tables = stored.tables
            # In this order no checkpoint is beyond the head.
            published, head = tables.checkpoints(), tables.head()
            wanted = checkpoints.sizes(published, [each for _, each in self._others], head_row.size(head))
            scope = self._journal.begin(RunScope(head, tuple(wanted)))
            size = head_row.size(scope.head)
            with self._executor(size) as executor:
                clock = perf_counter()
                assembly = self.tree(executor, tables, scope)
                tree_done = perf_counter()
                derived = self._columns(executor, tables, size)
                seconds = tree_done - clock, perf_counter() - tree_done
            findings = [
                *assembly.findings,
                *derived,
                *head_row.check(tables, scope.head, assembly.peaks),
                *tables.strays(),
                *checkpoints.check(published, self._keys, assembly.roots, head.position),
                *self._check_others(scope.head.id, assembly, head.position),
                *head_row.check_id(head.id, [each.origin for each in published]),
            ]
        self._journal.finish()
        done = self._journal.taken_over, 2 * -(-size // SEGMENT_LEAVES)
        return VerificationReport(size, assembly.roots[size], len(published), findings, *seconds, *done)

    def tree(self, executor: Executor | None, tables: LogTables, scope: RunScope) -> TreeAssembly:
        """Check the entries against the tree."""
        size = head_row.size(scope.head)
        head = Tree(size, tuple(split((scope.head.tree or b"")[8:])))
        tasks = {
            f"tree {start}": partial(tree_task, self._open, segment(start, size, scope.sizes), head)
            for start in range(0, size, SEGMENT_LEAVES)
        }
        found = self._results(executor, "tree", size, tasks, SegmentResult)
        assembly = TreeAssembly(tables)
        for start, result in zip(range(0, size, SEGMENT_LEAVES), found, strict=True):
            assembly.findings += result.findings
            assembly.add(segment(start, size, scope.sizes), result.peaks)
        assembly.check()
        return assembly

    def _columns(self, executor: Executor | None, tables: LogTables, size: int) -> list[Finding]:
        tasks = {
            f"columns {start}": partial(column_task, self._open, start, min(start + SEGMENT_LEAVES, size))
            for start in range(0, size, SEGMENT_LEAVES)
        }
        found = self._results(executor, "columns", size, tasks, ColumnsResult)
        findings = [finding for each in found for finding in each.findings]
        count = sum(each.tags for each in found)
        complete = not any(each.table == "tags" for each in findings)
        return [*findings, *columns.check_tags(tables, size, count, complete=complete)]

    def _results(
        self,
        executor: Executor | None,
        stage: str,
        size: int,
        tasks: Mapping[str, Callable[[], T]],
        kind: type[T],
    ) -> list[T]:
        """Do the tasks that are not finished yet; return the results of all, in order."""
        found = {task: done for task in tasks if (done := self._journal.done(task, kind)) is not None}
        self._progress(stage, min(len(found) * SEGMENT_LEAVES, size), size)
        for task, done in _each({each: do for each, do in tasks.items() if each not in found}, executor):
            self._journal.record(task, done)
            found[task] = done
            self._progress(stage, min(len(found) * SEGMENT_LEAVES, size), size)
        return [found[each] for each in tasks]

    @contextmanager
    def _executor(self, size: int) -> Iterator[Executor | None]:
        count = min(self._processes, -(-size // SEGMENT_LEAVES))
        if count <= 1:
            yield None
            return
        # A fresh interpreter does not inherit this one's threads and connections.
        with ProcessPoolExecutor(count, get_context("spawn")) as executor:
            yield executor

    def _check_others(self, id_: str, assembly: TreeAssembly, head: int) -> Iterator[Finding]:
        for place, each in self._others:
            sentence = checkpoints.difference(each, assembly.roots, head)
            if sentence is None and not each.origin.endswith(f"/{id_}"):
                sentence = f"it is of {each.origin}, another log; up to size {each.size} both are the same"
            if sentence:
                yield Finding("entries", "entry", f"{place}, size {each.size}", sentence)


def segment(start: int, size: int, sizes: Sequence[int]) -> Segment:
    """Return the segment that starts at this leaf."""
    end = min(start + SEGMENT_LEAVES, size)
    return Segment(start, end, tuple(each for each in sizes if start < each < end))


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
