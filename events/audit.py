"""What the audit (审计) of the log itself rests on.

Events that were published by mistake and are taken back; and what this system states of its own work, so that it
can be re-checked that no event was skipped: which software was at work, which events of the log each read model
has folded, and which it holds back.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from events.event import Cites, Count, Event, Name, Retracts, Statement, Tag, Tags

EventType = Annotated[
    str,
    Meta(
        max_length=100,
        pattern=r"^[a-z][a-z-]*\.[A-Z][A-Za-z]*$",
        description="the type of an event, security.IncidentReported",
    ),
]
Retracted = Annotated[
    str,
    Cites(kind="event_type"),
    Tag("event"),
    Retracts(),
    Meta(max_length=512, description="an event's identity, source#id"),
]
WholeTag = Annotated[str, Meta(min_length=3, max_length=320, description="a tag, person:p-1")]

Digest = Annotated[
    str, Meta(max_length=64, pattern=r"^[0-9a-f]{16,64}$", description="of SHA-256, in hexadecimal digits")
]
TagKey = Annotated[
    str, Meta(max_length=16, pattern=r"^[0-9a-f]{16}$", description="the log's index key of a tag")
]
Release = Annotated[Name, Tag("release"), Meta(description="the version of the software that states it")]
Model = Annotated[Name, Tag("model"), Meta(description="a read model")]


class EventRetracted(Event, frozen=True):
    """A source takes back what it published by mistake (撤回): read models treat the event as never true.

    It stays in the log, and `known_at` still shows that it was known. `carries` are the tags of that event, all
    of them, so that whatever it has changed is folded again without it.
    """

    event: Retracted
    event_type: EventType
    carries: Annotated[list[WholeTag], Tags()]
    reason: Literal["entered-by-mistake", "duplicate", "wrong-person", "never-happened", "test-data"]


class Version(Struct, frozen=True):
    """A read model as a release has it: the first digits of the digest of all that its rows follow from."""

    model: Name
    digest: Digest


class ReleaseTaken(Statement, frozen=True):
    """Software was taken into use that is not the same as before: all after this was judged and folded by it.

    `contracts` is a digest of all contracts of events, `rules` of the code of all rules and of the rule data in it
    (what is published of rule data is in the log).
    """

    release: Release
    contracts: Digest
    rules: Digest
    models: list[Version]


class Applied(Struct, frozen=True):
    """A read model has folded all events after one position up to another, by the code with this digest."""

    model: Name
    digest: Digest
    after: Count
    upto: Count


class ReadModelsApplied(Statement, frozen=True):
    """What read models have folded since the statement before: each event in it is in the rows, or held.

    All read models are told, those that stood still too. A range that begins later than the last one ended leaves
    a gap, of which nobody has stated that it was folded.
    """

    release: Release
    ranges: list[Applied]


class ReadModelsRebuilt(Statement, frozen=True):
    """Read models were built anew from the first event on; what was stated of the rows before counts no more."""

    release: Release
    ranges: list[Applied]


class KeyHeld(Statement, frozen=True):
    """A read model could not take an event: it holds the event's key, and all that comes for it, in order.

    `at` is the position of the event. `tag` is told where the event can be read, and `cause` is no more than the
    kind of error, for what an error says may be personal.
    """

    model: Model
    digest: Digest
    key: TagKey
    tag: WholeTag | None
    at: Count
    event_type: Name
    cause: Name


class KeyReleased(Statement, frozen=True):
    """A read model has taken all that it held of a key from the event at `at` on: it is held no longer."""

    model: Model
    digest: Digest
    key: TagKey
    at: Count


class QuarantineRetried(Statement, frozen=True):
    """An operator had all that a read model holds folded again: so many keys were released, so many still held."""

    model: Model
    digest: Digest
    released: Count
    still_held: Count


EVENTS = (
    EventRetracted,
    ReleaseTaken,
    ReadModelsApplied,
    ReadModelsRebuilt,
    KeyHeld,
    KeyReleased,
    QuarantineRetried,
)
