"""Events for the audit (审计) of the log itself.

They retract events that were published by mistake; and they state what this system itself has done, so that an
auditor can check that no event was skipped: which software was running, which events of the log each read model
has folded, and which it holds back.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from events.event import Cites, Count, Event, EventIdentity, Name, Retracts, Statement, Tag, Tags, WholeTag
from events.patterns import whole

EventType = Annotated[
    str,
    whole(
        r"[a-z][a-z-]*\.[A-Z][A-Za-z]*",
        most=100,
        description="an event type, such as identity.AccountUnlinked",
    ),
]
Retracted = Annotated[EventIdentity, Cites(kind="event_type"), Tag("event"), Retracts()]

Digest = Annotated[
    str, whole("[0-9a-f]{16,64}", description="a SHA-256 digest or its first digits, in hexadecimal")
]
TagKey = Annotated[str, whole("[0-9a-f]{16}", description="the log's index key of a tag")]
Release = Annotated[
    Name, Tag("release"), Meta(description="the version of the software that makes the statement")
]
Model = Annotated[Name, Tag("model"), Meta(description="the name of a read model")]


class EventRetracted(Event, frozen=True):
    """A source has retracted an event that it published by mistake (撤回): to read models, the event was never true.

    It stays in the log, and `known_at` still shows that it was known. `carries` lists all tags of that event,
    so that everything it changed is folded again without it.
    """

    event: Retracted
    event_type: EventType
    carries: Annotated[list[WholeTag], Tags()]
    reason: Literal["entered-by-mistake", "duplicate", "wrong-person", "never-happened", "test-data"]


class Version(Struct, frozen=True):
    """A read model in a release, with the first digits of the digest of everything its rows follow from."""

    model: Name
    digest: Digest


class ReleaseTaken(Statement, frozen=True):
    """Software that differs from before has been put into use; it judges and folds everything after this.

    `contracts` is a digest of all event contracts, `rules` of the code of all rules with the rule data in it
    (published rule data is in the log).
    """

    release: Release
    contracts: Digest
    rules: Digest
    models: list[Version]


class PublishedContract(Struct, frozen=True):
    """One version of an event's contract: its name, its id in entries, and the SHA-256 of its file as it is published."""

    name: Name
    number: Count
    digest: Digest


class ContractsPublished(Statement, frozen=True):
    """Contracts are in use that this log has not stated before: data is read by those of these digests, and no others."""

    release: Release
    contracts: list[PublishedContract]


class Applied(Struct, frozen=True):
    """A read model has folded all events after one position up to another, with the code of this digest."""

    model: Name
    digest: Digest
    after: Count
    upto: Count


class ReadModelsApplied(Statement, frozen=True):
    """Read models have folded these ranges since the previous statement; each event is in the rows or held back.

    Every read model is listed, even if it stood still. A range that begins after the end of the previous one
    leaves a gap: nobody has stated that the events in it were folded.
    """

    release: Release
    ranges: list[Applied]


class ReadModelsRebuilt(Statement, frozen=True):
    """Read models have been rebuilt from the first event; statements about the earlier rows no longer apply."""

    release: Release
    ranges: list[Applied]


class KeyHeld(Statement, frozen=True):
    """A read model could not fold an event; it holds the event's key and all later events of that key, in order.

    `at` is the position of the event. `tag` is given if the event can be read. `cause` is only the kind of
    error, because its message may contain personal data.
    """

    model: Model
    digest: Digest
    key: TagKey
    tag: WholeTag | None
    at: Count
    event_type: Name
    cause: Name


class KeyReleased(Statement, frozen=True):
    """A read model has folded all that it held of a key from position `at` on; the key is no longer held."""

    model: Model
    digest: Digest
    key: TagKey
    at: Count


class QuarantineRetried(Statement, frozen=True):
    """An operator has retried all that a read model holds: how many keys were released, and how many are still held."""

    model: Model
    digest: Digest
    released: Count
    still_held: Count


Rule = Annotated[
    Name, Meta(description="the identity of a rule, such as roll.one_live_entry", max_length=200)
]
Judged = Annotated[EventIdentity, Tag("event")]
Cause = Annotated[
    EventIdentity, Meta(description="the identity of the event from which this follows, source#id")
]


class GroundLost(Statement, frozen=True):
    """An event of the log would not be admitted any more, because another one has taken its ground away.

    It stays true in rows and for rules until its source takes it back or supplies the ground again. `at` is its position,
    `cause_at` that of the cause: a retraction, a merge, a separation or a late event. `rule` and `code` say what refuses
    it; the sentence is left out, as it may name others. `carries` lists all tags of the event.
    """

    event: Judged
    event_type: EventType
    at: Count
    cause: Cause
    cause_at: Count
    rule: Rule
    code: Name
    carries: Annotated[list[WholeTag], Tags()]


class GroundRegained(Statement, frozen=True):
    """An event that had lost its ground would be admitted again, because of another one, the cause."""

    event: Judged
    event_type: EventType
    at: Count
    cause: Cause
    cause_at: Count
    carries: Annotated[list[WholeTag], Tags()]


EVENTS = (
    EventRetracted,
    ReleaseTaken,
    ContractsPublished,
    ReadModelsApplied,
    ReadModelsRebuilt,
    KeyHeld,
    KeyReleased,
    QuarantineRetried,
    GroundLost,
    GroundRegained,
)
