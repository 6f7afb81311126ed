"""Roles, each within a scope."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from events.event import Event, Number, PersonId
from events.identity.vocabulary import Tier

OrganisationKind = Literal["authority", "school", "university", "institution"]
Role = Literal[
    "student", "teacher", "class-teacher", "principal", "administrator", "officer", "reviewer", "auditor"
]


class Scope(Struct, frozen=True):
    """The organisation that a role is for, with all below it, and its tier (市、区、校)."""

    tier: Tier
    kind: OrganisationKind
    organisation: Number

    def covers(self, school: str, district: str) -> bool:
        """Tell whether a school in a district lies within it."""
        match self.tier:
            case "school":
                return self.organisation == school
            case "district":
                return self.organisation == district
            case "municipality":
                return True


class RoleGranted(Event, frozen=True):
    """A person has been given a role (角色授权), resting on an appointment, or on the roll entry where None."""

    person: PersonId
    role: Role
    scope: Scope
    appointment: Number | None = None


class RoleRevoked(Event, frozen=True):
    """A role has been taken back before it ended with what it rests on."""

    person: PersonId
    role: Role
    scope: Scope
    reason: Literal["no-longer-needed", "abused", "mistaken", "replaced"]


EVENTS = (
    RoleGranted,
    RoleRevoked,
)
