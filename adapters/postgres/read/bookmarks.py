"""The bookmarks of read models: which table is live, and how far it has followed the log.

A batch of ten events moves as many bookmarks as there are models. What names them is therefore composed once, as the text
of arrays, and whether somebody else has moved any is asked of their sums.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from adapters.postgres.connections import Connection
from streams.read_ports import Bookmark, BookmarkName, Sums

_LIVE = """
SELECT m.name, m.table_name, m.digest, m.partitions, min(b.position), sum(b.epoch)::bigint
FROM read.bookmarks AS b JOIN read.models AS m ON m.name = b.model GROUP BY m.name ORDER BY m.name
"""
_BOOKMARKS = """
SELECT b.model, b.partition, m.table_name, m.digest, m.partitions, b.position, b.epoch
FROM read.bookmarks AS b JOIN read.models AS m ON m.name = b.model
"""
_NAMED = """
JOIN unnest(%s::text[], %s::int[]) AS named (model, partition)
    ON named.model = b.model AND named.partition = b.partition
"""
_LOCK = "SELECT FROM read.bookmarks AS b"
# Everyone locks in this order, so that no deadlock arises.
_IN_ORDER = "ORDER BY b.model, b.partition FOR UPDATE OF b"
_SUMS = "SELECT count(*), coalesce(sum(b.epoch), 0)::bigint, coalesce(sum(b.position), 0)::bigint FROM read.bookmarks AS b"
# A bookmark that was moved by other means begins a new stretch: nobody has folded what lies between the two.
_MOVE = """
UPDATE read.bookmarks AS b SET position = moved.position, epoch = epoch + %s, applied_upto = moved.position,
    applied_after = CASE WHEN applied_upto = b.position THEN applied_after ELSE b.position END,
    version = version + (b.model = ANY(%s::text[]))::int
FROM unnest(%s::text[], %s::int[], %s::bigint[]) AS moved (model, partition, position)
WHERE b.model = moved.model AND b.partition = moved.partition
"""


def live(connection: Connection) -> dict[str, Bookmark]:
    """Return the live tables by model, each as far as all its partitions are."""
    return {name: Bookmark(*found) for name, *found in connection.execute(_LIVE)}


def lock(connection: Connection, names: Collection[BookmarkName] | None) -> None:
    """Lock bookmarks, all if none are named."""
    # Who waits for locks sees what the other has done only in a statement of its own: they are read after this one.
    if names is None:
        connection.execute(f"{_LOCK} {_IN_ORDER}")
    else:
        connection.execute(f"{_LOCK} {_NAMED} {_IN_ORDER}", _arrays(tuple(names)))


def sums(connection: Connection, names: Collection[BookmarkName]) -> Sums:
    """Return the sums of those of the bookmarks that there are."""
    (found,) = connection.execute(f"{_SUMS} {_NAMED}", _arrays(tuple(names)))
    return Sums(*found)


def read(connection: Connection, names: Collection[BookmarkName] | None) -> dict[BookmarkName, Bookmark]:
    """Return those of the bookmarks that there are, all if none are named."""
    if names is None:
        return _found(connection.execute(_BOOKMARKS))
    return _found(connection.execute(f"{_BOOKMARKS} {_NAMED}", _arrays(tuple(names))))


def of_model(connection: Connection, model: str) -> dict[BookmarkName, Bookmark]:
    """Return the bookmarks of a model."""
    return _found(connection.execute(f"{_BOOKMARKS} WHERE m.name = %s", [model]))


def move(
    connection: Connection, positions: Mapping[BookmarkName, int], changed: Collection[str], *, epochs: int
) -> None:
    """Move bookmarks, all in one statement, and raise their epochs; the tables of some models have `changed`."""
    models, partitions = _arrays(tuple(positions))
    upto = "{" + ",".join(map(str, positions.values())) + "}"
    connection.execute(_MOVE, (epochs, _texts(sorted(changed)), models, partitions, upto))


def _found(rows: Iterable[Sequence[Any]]) -> dict[BookmarkName, Bookmark]:
    return {(model, partition): Bookmark(*found) for model, partition, *found in rows}


@lru_cache(maxsize=64)
def _arrays(names: tuple[BookmarkName, ...]) -> tuple[str, str]:
    """Return models and partitions as the text of two arrays."""
    return _texts([model for model, _ in names]), "{" + ",".join(str(number) for _, number in names) + "}"


def _texts(models: Iterable[str]) -> str:
    """Return names of models, which have neither quotes nor backslashes, as the text of an array."""
    return "{" + ",".join(f'"{each}"' for each in models) + "}"
