"""The event: a typed, immutable fact with its envelope, and the marks that give its fields meaning."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from msgspec import Meta, Struct

from events.clock import day
from events.extensions import Extensions
from events.patterns import IDENTIFIER, LINE, LINES, TOLD_LINE, TOLD_LINES, whole


class Hashed(Struct, frozen=True):
    """What is hashed of a tag's value: what `form` makes of it and of the fields `beside`, in that order.

    `form` raises ValueError, with a sentence, if they cannot be true.
    """

    form: Callable[..., str]
    beside: tuple[str, ...] = ()


class Tag(Struct, frozen=True):
    """Marks a field whose value makes the tag `kind:value` of the event; the first tag is the subject.

    With `hashed`, the value arrives in clear and only a keyed hash is stored (an identity document).
    A field of None makes no tag, a list one tag for each value. `partitions` is the number of partitions of
    the message bus over which the histories of the kind are spread; it never changes.
    """

    kind: str
    hashed: Hashed | None = None
    partitions: int = 1

    def is_like(self, other: Tag) -> bool:
        """Return whether two tags of a kind are one; events may hash it together with fields of other names."""
        return (self.partitions, self.hashed is None) == (other.partitions, other.hashed is None)


class Alias(Struct, frozen=True):
    """Marks a tag field: from this event on, its tag is another name of the tag in field `of`; with `ends`, no longer."""

    of: str
    ends: bool = False


class Personal(Struct, frozen=True):
    """Marks a field of personal data about the person whose number is in field `of`.

    Publishers send it in clear, as `sent_as` says (a name, a day, text); the door checks it like any other field and seals
    it under a key for that person and `retention` class, so that data which statute keeps outlives data that the
    person may have erased. Everywhere behind the door it is sealed bytes. With `findable`, the name index has it.
    If the field `of` may be null, so is this one then.
    """

    of: str
    sent_as: Any
    retention: str = "person"
    findable: bool = False


class Erases(Struct, frozen=True):
    """Marks a tag field: the personal data of the person it names, under all their names, can no longer be read.

    Field `keeps` lists what stays readable: the `retention` class, its `ground`, and `until` which day.
    """

    keeps: str


class Cites(Struct, frozen=True):
    """Marks a field that names another event by its identity, `source#id`; that event must be in the log.

    It must be of one of `types` and about what the citing event is about: for each kind of tag in `about`, it carries
    the citing event's tags of that kind, under any of their names. If `kind` is given, that field states the type
    of the event, which must be true. Without `types` or `about`, any type will do, or any subject.
    """

    types: tuple[type[Event], ...] = ()
    about: tuple[str, ...] = ()
    kind: str | None = None


class Tags(Struct, frozen=True):
    """Marks a list of whole tags, `kind:value`, all of which the event carries."""


class Retracts(Struct, frozen=True):
    """Marks a field that names an event, `source#id`, which from this one on counts as never true.

    The field marked with `Tags` lists the tags of that event: their histories are folded again without it.
    """


class Calendar(Struct, frozen=True):
    """Marks text that is a calendar date, `2024-09-01`, checked at the door."""


class YearOf(Struct, frozen=True):
    """Marks a year that is the year of the date in another field, which may be sealed; checked at the door."""

    field: str


class Event(Struct, frozen=True, kw_only=True, gc=False):
    """What every event carries besides its own fields: the envelope.

    `id` is unique within `source`, the publishing system. `occurred_at` is the source's clock, `recorded_at`
    the log's: microseconds since 1970 UTC. A proposed event has position 0 and `recorded_at` 0. `extensions` are the
    attributes of other systems that are kept with it; they are not part of what it says.
    """

    id: str = ""
    source: str = ""
    occurred_at: int = 0
    recorded_at: int = 0
    position: int = 0
    extensions: Extensions = ()

    @property
    def day(self) -> str:
        """The day on which the event occurred in Shanghai, such as `2024-09-01`."""
        return day(self.occurred_at)


class Statement(Event, frozen=True):
    """A statement of this system about its own work; no publisher can send one."""


ENVELOPE = frozenset(Event.__struct_fields__)

Name = Annotated[str, whole(TOLD_LINE, least=1, most=200)]
Text = Annotated[str, whole(LINES, most=4000)]
Told = Annotated[str, whole(TOLD_LINES, least=1, most=4000)]
"""What somebody says in their own words; about a person, it is sealed."""
Day = Annotated[str, Calendar(), Meta(description="a calendar date in Shanghai, such as 2024-09-01")]
Number = Annotated[str, whole(IDENTIFIER, least=1, most=64)]
WholeTag = Annotated[
    str,
    whole(rf"[a-z][a-z-]*:{TOLD_LINE}", least=3, most=320, description="a tag, such as person:p-1"),
]
EventIdentity = Annotated[str, whole(LINE, most=512, description="the identity of an event, source#id")]
District = Annotated[
    str, whole("[1-9][0-9]{5}", description="a district's code in GB/T 2260, such as 310115")
]
Grade = Annotated[int, Meta(ge=0, le=20)]
Count = Annotated[int, Meta(ge=0, le=2**53)]
Fen = Annotated[int, Meta(ge=0, le=2**53, description="an amount of money, in fen (分)")]
CentiCredits = Annotated[int, Meta(ge=0, le=10**9, description="credits, in hundredths of a credit")]

PersonId = Annotated[Number, Tag("person", partitions=12)]
SchoolId = Annotated[Number, Tag("school", partitions=6)]
"""Twelve partitions divide evenly among 1, 2, 3, 4, 6 or 12 workers; all kinds but persons and schools are rare."""
