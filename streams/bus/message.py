"""Messages of the bus as they were read, what cannot be read of them, and what was refused."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct


class Message(Struct, frozen=True, gc=False):
    """A message of a topic: `timestamp` in milliseconds since 1970 UTC, headers as they were sent."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]] = ()
    timestamp: int = 0

    @property
    def coordinates(self) -> str:
        """Where it is: `pujiang.inbox/3/17`."""
        return f"{self.topic}/{self.partition}/{self.offset}"

    @property
    def size(self) -> int:
        """How many bytes it holds, about."""
        return (
            len(self.key or b"")
            + len(self.value or b"")
            + sum(len(value or b"") for _, value in self.headers)
        )


class Identity(Struct, frozen=True, gc=False):
    """What an event calls itself, where that could be read."""

    source: str | None = None
    id: str | None = None
    type: str | None = None


class Unreadable(Struct, frozen=True, gc=False):
    """What is wrong with a message: a code for machines, and a sentence for people that also says where."""

    code: str
    sentence: str
    identity: Identity = Identity()


class Refused(Struct, frozen=True, gc=False):
    """A message that is not in the log, and why: `rule` is the name of the rule that does not admit it.

    `sentence` may repeat what was sent, so it is as confidential as the message. `at` is in microseconds since 1970.
    """

    message: Message
    code: str
    sentence: str
    rule: str
    identity: Identity
    at: int
