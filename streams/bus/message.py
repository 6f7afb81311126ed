"""Messages of the bus: as they were read, unreadable ones, and refused ones."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct


class Message(Struct, frozen=True, gc=False):
    """A message of a topic. `timestamp` is in milliseconds since 1970 UTC; headers are as they were sent.

    `unreadable` says why nothing but the coordinates could be read.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]] = ()
    timestamp: int = 0
    unreadable: str = ""

    @property
    def coordinates(self) -> str:
        """Topic, partition and offset: `pujiang.inbox/3/17`."""
        return f"{self.topic}/{self.partition}/{self.offset}"

    @property
    def size(self) -> int:
        """About how many bytes the message takes."""
        return (
            len(self.key or b"")
            + len(self.value or b"")
            + sum(len(value or b"") for _, value in self.headers)
        )


class EventIdentity(Struct, frozen=True, gc=False):
    """Source, id and type of an event, as far as they could be read."""

    source: str | None = None
    id: str | None = None
    type: str | None = None


class UnreadableMessage(Struct, frozen=True, gc=False):
    """What is wrong with a message: a code for machines, and for people a sentence that also says where."""

    code: str
    sentence: str
    identity: EventIdentity = EventIdentity()


class RefusedMessage(Struct, frozen=True, gc=False):
    """A message that is not recorded, and why. `rule` is the name of the rule that does not admit it.

    `sentence` may repeat what was sent, so it is as confidential as the message. `at` is in microseconds since 1970.
    """

    message: Message
    code: str
    sentence: str
    rule: str
    identity: EventIdentity
    at: int
