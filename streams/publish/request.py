"""A request to publish events, and the verdict on each of them."""

from __future__ import annotations

from msgspec import Struct

from domain.rule import Refused, TooEarly
from events.entry import Proposal
from events.event import Event
from streams.publish.unstored import Unstored


class Recorded(Struct, frozen=True, gc=False, tag_field="verdict", tag="recorded"):
    """The event is durable at this position."""

    position: int


class Repeated(Struct, frozen=True, gc=False, tag_field="verdict", tag="repeated"):
    """The log already has the same event, at this position."""

    position: int


class Retracted(Struct, frozen=True, gc=False, tag_field="verdict", tag="retracted"):
    """The log has the same event at this position, but it was taken back at position `retraction` and does not count.

    To make it count again, its source sends it under another id.
    """

    position: int
    retraction: int


class IdentityConflict(Struct, frozen=True, gc=False, omit_defaults=True, tag_field="verdict", tag="clash"):
    """Another event has the same identity: in the log at this position, or earlier in the same request if it is 0."""

    position: int = 0


class Admissible(Struct, frozen=True, omit_defaults=True, tag_field="verdict", tag="admissible"):
    """The rules would admit the event; nothing was written (a dry run, or another event of its request failed).

    `not_tried` has the rules that a dry run leaves out, since they would confirm a guessed document number.
    """

    not_tried: tuple[str, ...] = ()


class Refusal(Struct, frozen=True, gc=False, tag_field="verdict", tag="refused"):
    """A rule refuses the event: a code for machines, a sentence for people, and the rule's identity."""

    code: str
    sentence: str
    rule: str


class EarlyRefusal(Refusal, frozen=True, gc=False, tag_field="verdict", tag="refused"):
    """A refusal for lack of something that may yet come: if order is not guaranteed, the event can wait."""


class Postponed(Struct, frozen=True, gc=False, tag_field="verdict", tag="postponed"):
    """The event was not judged: one before it in its lane came too early, and it does not bring what that one needs."""


Verdict = Recorded | Repeated | Retracted | IdentityConflict | Admissible | Refusal | Postponed
"""Publishers receive verdicts as JSON, exactly in this form, with the verdict's word under `verdict`."""


class Request(Struct):
    """Events that one publisher sent together, in order, with their encoded proposals.

    With `atomic`, all or none are appended; with `dry_run`, none. Once the request is settled, `verdicts` has one
    verdict for each event.

    `unstored` has, by index, the seals of events that are under keys which nobody has stored yet.

    The requests of one `lane` are in order: while one of them has come too early, those behind it are postponed,
    except those that may bring what it needs.
    """

    events: list[Event]
    proposals: list[Proposal]
    atomic: bool = False
    dry_run: bool = False
    lane: str = ""
    verdicts: list[Verdict | None] = []
    withdrawn: bool = False
    unstored: dict[int, Unstored] = {}

    def replace(self, index: int, event: Event, proposal: Proposal) -> None:
        """Put an event in the place of one that was sealed otherwise."""
        self.events[index], self.proposals[index] = event, proposal

    @property
    def failed(self) -> bool:
        """Whether any of its events is refused or conflicts."""
        return any(isinstance(each, Refusal | IdentityConflict) for each in self.verdicts)


def refusal(refused: Refused) -> Refusal:
    """Return the verdict on an event that a rule refuses."""
    kind = EarlyRefusal if isinstance(refused, TooEarly) else Refusal
    return kind(refused.code, refused.sentence, refused.rule)
