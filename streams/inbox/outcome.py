"""The outcome of an inbox message: recorded, repeated, refused or waiting."""

from __future__ import annotations

from typing import Literal

from streams.bus.message import EventIdentity, RefusedMessage, UnreadableMessage
from streams.inbox.waiting_room import Item
from streams.publish.request import (
    EarlyRefusal,
    IdentityConflict,
    Postponed,
    Refusal,
    Repeated,
    Request,
    Retracted,
)

InboxOutcome = Literal["recorded", "repeated", "refused"]
"""How a message is settled."""


def waits(item: Item) -> bool:
    """Return whether a message has come too early, or is behind one that has."""
    if isinstance(item.read, UnreadableMessage):
        return False
    verdict = item.read.verdicts[0]
    return isinstance(verdict, Postponed) or (bool(item.read.lane) and isinstance(verdict, EarlyRefusal))


def outcome_of(item: Item, met: set[tuple[str, str]]) -> InboxOutcome:
    """Return the outcome of a message that does not wait. `met` collects the identities of events to be recorded."""
    if isinstance(item.read, UnreadableMessage):
        return "refused"
    match item.read.verdicts[0]:
        case Repeated():
            return "repeated"
        case None:
            identity = item.read.events[0].source, item.read.events[0].id
            if identity in met:
                return "repeated"
            met.add(identity)
            return "recorded"
    return "refused"


def identity_of(read: Request | UnreadableMessage) -> EventIdentity:
    """Return source, id and type of the event of a message."""
    if isinstance(read, UnreadableMessage):
        return read.identity
    proposal = read.proposals[0]
    return EventIdentity(proposal.source, proposal.id, proposal.type)


def refusal(item: Item, now: int) -> RefusedMessage | None:
    """Return the refusal of a message, None if it is recorded or waits."""
    message, read = item.message, item.read
    if isinstance(read, UnreadableMessage):
        return RefusedMessage(message, read.code, read.sentence, "", read.identity, now)
    match read.verdicts[0]:
        case Refusal(code, sentence, rule) if not waits(item):
            return RefusedMessage(message, code, sentence, rule, identity_of(read), now)
        case IdentityConflict():
            sentence = "another event was published under this source and id before"
            return RefusedMessage(message, "clash", sentence, "", identity_of(read), now)
        case Retracted(position, retraction):
            sentence = (
                f"it was recorded at {position} and taken back at {retraction}: send it under another id"
            )
            return RefusedMessage(message, "retracted", sentence, "", identity_of(read), now)
    return None
