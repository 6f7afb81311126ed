"""Handover between the embedded projector, with one bookmark per read model, and workers, with one per partition.

Killed at any point it leaves a state from which either side can resume: until the very last transaction bookmarks
only move as a worker moves them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from projections.read_model import ReadModel
from streams.bus import topics
from streams.history.version import digest
from streams.project.projector import Projector
from streams.project.share import Share
from streams.read_ports import Bookmark, BookmarkName, Parts, ReadTransaction


def spread(parts: Parts, models: Sequence[ReadModel[Any]]) -> None:
    """Give each read model one bookmark per partition of its kind's topic."""
    _repartition(parts, models, topics.partitions)


def gather(parts: Parts, models: Sequence[ReadModel[Any]]) -> None:
    """Give each read model a single bookmark, once its partitions have caught up, from the log, with the furthest."""
    _repartition(parts, models, lambda _kind: 1)


def _repartition(parts: Parts, models: Sequence[ReadModel[Any]], wanted: Callable[[str], int]) -> None:
    """Change the number of bookmarks; leave a model of another version to the rebuild that it needs."""
    while True:
        with parts.store.transaction() as store:
            live = store.lock()
            uneven = [each for each in models if not _even(each, live, store, wanted(each.fold.tag))]
        if not uneven:
            return
        groups: dict[tuple[str, int], list[ReadModel[Any]]] = {}
        for each in uneven:
            groups.setdefault((each.fold.tag, live[each.name, 0].partitions), []).append(each)
        furthest = max(bookmark.position for bookmark in live.values())
        for (_, partitions), group in groups.items():
            _level(parts, group, partitions, furthest)


def _even(
    model: ReadModel[Any], live: Mapping[BookmarkName, Bookmark], store: ReadTransaction, wanted: int
) -> bool:
    """Change a model's bookmarks if all are at one position; report whether nothing more is to be done."""
    found = live.get((model.name, 0))
    if found is None or found.digest != digest(model) or found.partitions == wanted:
        return True
    positions = {each.position for (name, _), each in live.items() if name == model.name}
    if len(positions) > 1:
        return False
    store.repartition(model.name, wanted, found.position)
    return True


def _level(parts: Parts, models: Sequence[ReadModel[Any]], partitions: int, upto: int) -> None:
    """Catch up all partitions of models of one kind from the log."""
    for number in range(partitions):
        share = Share(number, partitions)
        Projector(parts.log, parts.codec, parts.store, models, share=share).take((), upto, upto)
