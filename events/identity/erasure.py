"""Erasure of personal data (个人信息删除): requested, refused or done."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Struct

from events.event import Day, Erases, Event, Name, PersonId
from events.identity.vocabulary import EventIdentity


class ErasureRequested(Event, frozen=True):
    """Erasure of a person's data has been asked for (个人信息删除请求), on a ground of PIPL (个人信息保护法), art. 47."""

    person: PersonId
    by: Literal["person", "guardian", "relative", "controller"]
    ground: Literal["purpose-fulfilled", "retention-expired", "consent-withdrawn", "unlawful", "other"]


class ErasureRefused(Event, frozen=True):
    """A request for erasure has been refused, for now, and on which ground."""

    person: PersonId
    request: EventIdentity
    ground: Literal["live-roll-entry", "live-appointment", "not-entitled", "no-ground"]


class Kept(Struct, frozen=True):
    """What statute keeps of an erased person: the class, by which provision, and until when; for ever where None."""

    retention: Literal["roll", "diploma", "login"]
    ground: Name
    until: Day | None = None


class PersonErased(Event, frozen=True):
    """A person's data has been erased (个人信息删除): the keys of all that is not `kept` are destroyed for good.

    The log itself stays as it is: what those keys have sealed can be read no more, by anybody. Nothing
    undoes it. Numbers that were merged into this one are erased with it.
    """

    person: Annotated[PersonId, Erases(keeps="kept")]
    request: EventIdentity
    kept: list[Kept] = []


EVENTS = (
    ErasureRequested,
    ErasureRefused,
    PersonErased,
)
