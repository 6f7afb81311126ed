"""Erasure of personal data (个人信息删除): requested, refused or carried out."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Struct

from events.event import Cites, Day, Erases, Event, EventIdentity, Name, PersonId, Tags, WholeTag


class ErasureRequested(Event, frozen=True):
    """Erasure of a person's data has been requested (个人信息删除请求), on a ground in PIPL (个人信息保护法), art. 47."""

    person: PersonId
    by: Literal["person", "guardian", "relative", "controller"]
    ground: Literal["purpose-fulfilled", "retention-expired", "consent-withdrawn", "unlawful", "other"]


RequestIdentity = Annotated[EventIdentity, Cites(types=(ErasureRequested,), about=("person",))]


class ErasureRefused(Event, frozen=True):
    """A request for erasure has been refused for the time being, on a stated ground."""

    person: PersonId
    request: RequestIdentity
    ground: Literal["live-roll-entry", "live-appointment", "not-entitled", "no-ground"]


class Kept(Struct, frozen=True):
    """Data of an erased person that statute keeps: its class, the provision, and the last day; null means permanently."""

    retention: Literal["roll", "diploma", "login"]
    ground: Name
    until: Day | None = None


class PersonErased(Event, frozen=True):
    """A person's data has been erased (个人信息删除): the keys of everything that is not `kept` are destroyed.

    The log itself does not change, but nobody can read what those keys sealed any more. An erasure cannot be
    undone. It includes the numbers that were merged into this one. `frees` lists the tags of all documents of the person,
    as `persons` shows them: with one of these, somebody who returns can be registered under a new number.
    """

    person: Annotated[PersonId, Erases(keeps="kept")]
    request: RequestIdentity
    kept: list[Kept] = []
    frees: Annotated[list[WholeTag], Tags()] = []


EVENTS = (
    ErasureRequested,
    ErasureRefused,
    PersonErased,
)
