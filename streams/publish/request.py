"""What is asked of the publisher, and what it answers: requests and verdicts."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from domain.rule import Refused, TooEarly
from events.entry import Proposal
from events.event import Event


class Recorded(Struct, frozen=True, gc=False, tag_field="verdict", tag="recorded"):
    """The event is durable at this position."""

    position: int


class Repeated(Struct, frozen=True, gc=False, tag_field="verdict", tag="repeated"):
    """The log has had the same event before, at this position."""

    position: int


class Clash(Struct, frozen=True, gc=False, omit_defaults=True, tag_field="verdict", tag="clash"):
    """Another event has the same identity: in the log, at this position, or earlier in the same request."""

    position: int = 0


class Admissible(Struct, frozen=True, gc=False, tag_field="verdict", tag="admissible"):
    """The rules would admit the event; nothing was written (a dry run, or others of its request failed)."""


class Refusal(Struct, frozen=True, gc=False, tag_field="verdict", tag="refused"):
    """A rule does not admit the event: `code` for machines, `sentence` for people, the rule's name."""

    code: str
    sentence: str
    rule: str


class Early(Refusal, frozen=True, gc=False, tag_field="verdict", tag="refused"):
    """A refusal for want of something that may yet come: where order is not guaranteed, the event can wait."""


class Postponed(Struct, frozen=True, gc=False, tag_field="verdict", tag="postponed"):
    """The event was not judged: one before it in its lane has come too early, and it is not what that waits for."""


Verdict = Recorded | Repeated | Clash | Admissible | Refusal | Postponed
"""Told to publishers as JSON just as they are, the word for it under `verdict`."""


class Request(Struct):
    """Events that one publisher sent together, in order, and what they were encoded to at the door.

    With `atomic`, all or none are appended; with `dry_run`, none. `verdicts` has one verdict for each event
    once the request is settled.

    Requests of one `lane` are in order: while one of them has come too early, those behind it are postponed, but
    for those that may bring what it waits for.
    """

    events: Sequence[Event]
    proposals: Sequence[Proposal]
    atomic: bool = False
    dry_run: bool = False
    lane: str = ""
    verdicts: list[Verdict | None] = []
    withdrawn: bool = False

    @property
    def failed(self) -> bool:
        """Whether an event of it is refused or clashes."""
        return any(isinstance(each, Refusal | Clash) for each in self.verdicts)


def refusal(refused: Refused) -> Refusal:
    """Return the verdict on an event that a rule refuses."""
    kind = Early if isinstance(refused, TooEarly) else Refusal
    return kind(refused.code, refused.sentence, refused.rule)
