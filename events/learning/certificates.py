"""Certificates."""

from __future__ import annotations

from typing import Annotated

from events.event import Event, Name, Number, Personal, PersonId, Tag
from events.learning.vocabulary import SealedReason

CertificateId = Annotated[Number, Tag("certificate")]


class CertificateIssued(Event, frozen=True):
    """A member has issued a certificate (证书) that rests on awards, for a programme if it names one."""

    certificate: CertificateId
    person: PersonId
    institution: Number
    title: Name
    awards: list[Number]
    holder: Annotated[bytes, Personal(of="person", sent_as=Name, retention="diploma", findable=True)]
    programme: Number | None = None


class CertificateRevoked(Event, frozen=True):
    """The member that issued a certificate has revoked it."""

    certificate: CertificateId
    person: PersonId
    institution: Number
    reason: SealedReason


EVENTS = (
    CertificateIssued,
    CertificateRevoked,
)
