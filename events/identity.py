"""Unified identity (统一身份认证): one person one number, trusted sign-on, every login audited (plan, 一(3))."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from events.event import Alias, Cites, Day, Erases, Event, Name, Number, Personal, PersonId, Tag, Text

ProviderId = Annotated[Number, Tag("identity-provider")]
ApplicationId = Annotated[Number, Tag("application")]
AccountId = Annotated[Number, Tag("account")]
DocumentNumber = Annotated[Number, Tag("document", hashed=True)]
DocumentKind = Literal[
    "resident-identity-card",
    "household-register",
    "birth-certificate",
    "passport",
    "hong-kong-macao-permit",
    "taiwan-permit",
    "permanent-resident-card",
]
Attribute = Literal["name", "birth-date", "school", "grade", "class", "role", "appointment"]
Assurance = Annotated[
    int, Meta(ge=1, le=4, description="how surely the person is who they say: level 1 to 4 of ISO/IEC 29115")
]
BirthYear = Annotated[int, Meta(ge=1900, le=2100)]
Tier = Literal["municipality", "district", "school"]
OrganisationKind = Literal["authority", "school", "university", "institution"]
Role = Literal[
    "student", "teacher", "class-teacher", "principal", "administrator", "officer", "reviewer", "auditor"
]
EventIdentity = Annotated[str, Cites(), Meta(max_length=512, description="an event's identity, source#id")]


class IdentityProviderTrusted(Event, frozen=True):
    """The authentication centre has begun to trust an identity provider (互信认证), up to an assurance level."""

    provider: ProviderId
    name: Name
    operator: Number
    tier: Tier
    assurance: Assurance


class IdentityProviderDistrusted(Event, frozen=True):
    """An identity provider is trusted no longer."""

    provider: ProviderId
    reason: Text


class ApplicationConnected(Event, frozen=True):
    """An application has been connected to single sign-on (单点登录), with the attributes that it is granted."""

    application: ApplicationId
    name: Name
    operator: Number
    assurance: Assurance
    attributes: list[Attribute]


class ApplicationDisconnected(Event, frozen=True):
    """An application is connected to single sign-on no longer."""

    application: ApplicationId
    reason: Text


class PersonRegistered(Event, frozen=True):
    """A person has been given their one number (一人一号).

    The date of birth is sealed. `birth_year` is the least that lets a rule keep children apart without
    opening it: a year singles nobody out, and a rule takes the person for as young as it allows.
    """

    person: PersonId
    name: Annotated[bytes, Personal(of="person", findable=True)]
    birth_date: Annotated[bytes, Personal(of="person")] | None = None
    birth_year: BirthYear | None = None
    document: DocumentNumber | None = None
    document_kind: DocumentKind = "resident-identity-card"


class PersonDetailsCorrected(Event, frozen=True):
    """A person's details have been corrected; None leaves a detail as it was."""

    person: PersonId
    name: Annotated[bytes, Personal(of="person", findable=True)] | None = None
    birth_date: Annotated[bytes, Personal(of="person")] | None = None
    birth_year: BirthYear | None = None


class DocumentAdded(Event, frozen=True):
    """A person has shown a further identity document (证件); of its number only a keyed hash is kept."""

    person: PersonId
    document: DocumentNumber
    kind: DocumentKind


class PersonsMerged(Event, frozen=True):
    """Two numbers were one person's (并号): from now on the surviving number stands for both."""

    merged: Annotated[PersonId, Alias(of="surviving")]
    surviving: PersonId


class PersonsSeparated(Event, frozen=True):
    """A merge was mistaken and is undone: the number stands for a person of its own again."""

    separated: Annotated[PersonId, Alias(of="surviving", ends=True)]
    surviving: PersonId
    merge: EventIdentity


class AccountLinked(Event, frozen=True):
    """An account at an identity provider has been linked to a person (账号绑定)."""

    person: PersonId
    account: AccountId
    provider: Number


class AccountUnlinked(Event, frozen=True):
    """An account is linked to the person no longer."""

    person: PersonId
    account: AccountId
    reason: Literal["left", "compromised", "mistaken", "by-request", "provider-closed"]


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


class LoginSucceeded(Event, frozen=True):
    """A person has signed on to an application; `attributes` are what it was given of them."""

    person: PersonId
    account: AccountId
    provider: ProviderId
    application: Number
    assurance: Assurance
    attributes: list[Attribute] = []


class LoginFailed(Event, frozen=True):
    """An attempt to sign on has failed; nobody is named, and the account only where there is such a one."""

    provider: ProviderId
    application: Number
    assurance: Assurance
    reason: Literal["wrong-credential", "locked", "expired", "second-factor", "unknown-account", "other"]
    account: AccountId | None = None


class SessionEnded(Event, frozen=True):
    """A session has ended; `login` is the identity of the sign-on that began it."""

    person: PersonId
    login: EventIdentity
    how: Literal["signed-out", "timed-out", "terminated"]


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
    IdentityProviderTrusted,
    IdentityProviderDistrusted,
    ApplicationConnected,
    ApplicationDisconnected,
    PersonRegistered,
    PersonDetailsCorrected,
    DocumentAdded,
    PersonsMerged,
    PersonsSeparated,
    AccountLinked,
    AccountUnlinked,
    RoleGranted,
    RoleRevoked,
    LoginSucceeded,
    LoginFailed,
    SessionEnded,
    ErasureRequested,
    ErasureRefused,
    PersonErased,
)
