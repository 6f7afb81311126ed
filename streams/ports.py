"""The ports of the flows. Adapters implement them; flows know nothing else about the outside."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Protocol, TypeAlias

from msgspec import Struct

from events.entry import Header, Proposal, Stored
from events.event import Event
from streams.tree.merkle import Tile, Tree

ANY = 0
"""As a tag key in `Condition.reads`: events with any tags or none. As a type key: events of any type."""


class Reads(Protocol):
    """What a decision has read: a mapping from the key of each tag to the keys of the types read with it."""

    def get(self, tag: int, /) -> Collection[int] | None:
        """Return the keys of the types that were read for a tag, None if the tag was not read."""


class Condition(Struct, frozen=True):
    """The history that a decision has read. The condition holds as long as nothing new touches that history.

    Any entry after position `seen` that carries one of the tags and is of one of its types breaks it.
    """

    seen: int
    reads: Reads

    def check(self, head: int, others: Sequence[Change]) -> None:
        """Compare with `others`, every entry after `seen`, in a log that ends at `head`.

        Raises Stale if one of them breaks the condition, ValueError if `seen` is past the head: it is of another log.
        """
        if self.seen > head:
            raise ValueError(f"the condition has seen position {self.seen}, but the log ends at {head}")
        if any(touches(self.reads, change) for change in others):
            raise Stale(head, others)


class Change(Struct, frozen=True, gc=False):
    """What an entry touches: its position, and the keys of its type and of its tags."""

    position: int
    type: int
    tags: tuple[int, ...]


def touches(reads: Reads, change: Change) -> bool:
    """Tell whether a change touches a history that was read."""
    for tag in (ANY, *change.tags):
        types = reads.get(tag)
        if types is not None and (change.type in types or ANY in types):
            return True
    return False


class Appended(Struct, frozen=True):
    """A batch is durable at positions `first`, `first + 1`, ...; `others` came between `seen` and the batch."""

    first: int
    recorded_at: int
    others: Sequence[Change]


class Stale(Exception):
    """The condition is broken. Nothing was written; `others` are all changes after `seen`, up to `head`."""

    def __init__(self, head: int, others: Sequence[Change]) -> None:
        super().__init__(f"the history that was read has grown up to position {head}")
        self.head, self.others = head, others


class IdentityTaken(Exception):
    """At least one of the batch's identities is in the log already. Nothing was written."""


class Mark(Struct, frozen=True):
    """How far a reader of another stream is, kept beside the log so that it moves with what the reader appends.

    Everything before `position` is settled, except what is at the offsets `waiting`. `moves` counts how often the mark
    was moved; the other counts are the outcomes: recorded, recorded before (`repeated`), refused.
    """

    name: str
    position: int = 0
    waiting: tuple[int, ...] = ()
    moves: int = 0
    recorded: int = 0
    repeated: int = 0
    refused: int = 0


class Overtaken(Exception):
    """Another reader has moved one of the marks since. Nothing was written."""


Ready: TypeAlias = Callable[[], None]
"""Returns once everything that has to be durable before an append is durable."""


def always() -> None:
    """Return at once: there is nothing to wait for."""


class LogUnavailable(Exception):
    """The log is unavailable: its server is away, its disk is full, ... Nothing was acknowledged."""


class History(Struct, frozen=True):
    """A part of the log: the entries after a position that carry `tag` and are of one of `types`."""

    tag: int
    types: tuple[int, ...]
    after: int = 0


class Selection(Struct, frozen=True):
    """Which entries to select: with all `tags`, of one of `types`, of `source`, with after < position <= upto.

    Keys are as in `events.entry.key`; empty or None means no restriction.
    """

    tags: tuple[int, ...] = ()
    types: tuple[int, ...] = ()
    source: int | None = None
    after: int = 0
    upto: int | None = None
    limit: int = 100
    backwards: bool = False


class Log(Protocol):
    """The log: positions 1..n without gaps. Whoever has seen n has seen everything before n."""

    @property
    def id(self) -> str:
        """The log's id: part of topics, ETags and wait tokens. A log that is restored from a backup gets a new one."""

    def head(self) -> int:
        """Return the last position, 0 for the empty log."""

    def append(
        self,
        batch: Sequence[Proposal],
        condition: Condition | None = None,
        marks: Sequence[Mark] = (),
        ready: Ready = always,
    ) -> Appended:
        """Append a batch and move `marks` in one transaction, durable on return.

        Each mark has the `moves` with which it was read, and has one more afterwards. `ready` is called once all is
        prepared and before others have to wait; nothing is written until it returns. Raises Stale if the condition is
        broken, IdentityTaken, Overtaken, LogUnavailable, and what `ready` raises.
        """

    def tree(self) -> Tree:
        """Return the tree over all entries."""

    def tiles(self, wanted: Sequence[Tile]) -> Sequence[bytes]:
        """Return, for each tile of the tree, its hashes side by side, as many as there are."""

    def move(self, marks: Sequence[Mark]) -> None:
        """Move marks without appending anything. Raises Overtaken and LogUnavailable."""

    def marks(self, names: Sequence[str]) -> Mapping[str, Mark]:
        """Return the marks of these names, as far as they were ever moved."""

    def changes(self, after: int) -> Sequence[Change]:
        """Return the changes after a position, in order."""

    def read(self, after: int = 0, upto: int | None = None, limit: int = 1000) -> Sequence[Stored]:
        """Return at most `limit` entries with after < position <= upto, in order."""

    def select(self, selection: Selection) -> Sequence[Stored]:
        """Return the selected entries in order of position, falling if `backwards`."""

    def position_at(self, recorded_at: int) -> int:
        """Return the last position recorded at this time or before, 0 if there is none."""

    def histories(self, wanted: Sequence[History], upto: int | None = None) -> Sequence[Stored]:
        """Return the entries of several histories up to a position, in order, each entry once."""

    def find(self, identities: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Stored]:
        """Return the entries with these identities (source, id)."""

    def tail(self, after: int, upto: int, types: Collection[int]) -> Iterator[Sequence[Stored]]:
        """Walk a range of the log in batches and short transactions: entries of these types, all if there are none."""


class Codec(Protocol):
    """Encodes events as bytes of the log, and decodes them."""

    def propose(self, event: Event) -> Proposal:
        """Encode an event that is to be appended. Raises EntryTooLarge."""

    def decode(self, stored: Stored) -> Event:
        """Decode an entry of the log. Raises Undecodable."""

    def event(self, position: int, header: Header) -> Event:
        """Decode an entry that has been parsed. Raises Undecodable."""

    def decode_all(self, stored: Sequence[Stored]) -> list[Event]:
        """Decode entries of the log, in order. Raises Undecodable."""


class Undecodable(Exception):
    """An entry cannot be decoded: its bytes are broken, or its contract or its type is unknown."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(f"the entry at position {position} cannot be decoded: {reason}")
        self.position, self.reason = position, reason
