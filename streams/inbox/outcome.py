"""What becomes of a message, by what was read of it and how it was judged."""

from __future__ import annotations

from typing import Literal

from streams.bus.message import Identity, Refused, Unreadable
from streams.inbox.waiting_room import Item
from streams.publish.request import EarlyRefusal, IdentityConflict, Postponed, Refusal, Repeated, Request

End = Literal["recorded", "repeated", "refused"]
"""What becomes of a message."""


def waits(item: Item) -> bool:
    """Tell whether a message has come too early, or stands behind one that has."""
    if isinstance(item.read, Unreadable):
        return False
    verdict = item.read.verdicts[0]
    return isinstance(verdict, Postponed) or (bool(item.read.lane) and isinstance(verdict, EarlyRefusal))


def end_of(item: Item, met: set[tuple[str, str]]) -> End:
    """Return what becomes of a message that does not wait; `met` has the identities of those that are to be recorded."""
    if isinstance(item.read, Unreadable):
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


def identity_of(read: Request | Unreadable) -> Identity:
    """Return what the event of a message calls itself."""
    if isinstance(read, Unreadable):
        return read.identity
    proposal = read.proposals[0]
    return Identity(proposal.source, proposal.id, proposal.type)


def refusal(item: Item, now: int) -> Refused | None:
    """Return why a message does not go to the log, None where it does, or where it waits."""
    message, read = item.message, item.read
    if isinstance(read, Unreadable):
        return Refused(message, read.code, read.sentence, "", read.identity, now)
    match read.verdicts[0]:
        case Refusal(code, sentence, rule) if not waits(item):
            return Refused(message, code, sentence, rule, identity_of(read), now)
        case IdentityConflict():
            sentence = "another event was published under this source and id before"
            return Refused(message, "clash", sentence, "", identity_of(read), now)
    return None
