"""Certificates (证书): issued on credits that stand, and revoked by who issued them."""

from __future__ import annotations

from msgspec import Struct

from domain.learning.credit import CREDITS, Credits
from domain.rule import Rule, refuse_if
from events.fold import Fold
from events.learning.certificates import CertificateIssued, CertificateRevoked


class CertificateNumber(Struct):
    """Whether a certificate's number was ever given, and the certificate revoked."""

    certificate: str
    given: bool = False
    revoked: bool = False


def certificate_number(state: CertificateNumber, event: CertificateIssued | CertificateRevoked) -> None:
    """Remember that the number was given."""
    state.given = True
    state.revoked = isinstance(event, CertificateRevoked)


CERTIFICATE_NUMBER = Fold("certificate", CertificateNumber, certificate_number)


def new_certificate(number: CertificateNumber, proposed: CertificateIssued) -> None:
    """A certificate's number is unique and never given again."""
    refuse_if(number.given, "certificate-number-given", f"{proposed.certificate} is issued already")


def rests_on_credits(held: Credits, proposed: CertificateIssued) -> None:
    """A certificate rests on awards that stand: the issuer's own, or those that count in its programme."""
    refuse_if(not proposed.awards, "rests-on-nothing", "a certificate rests on at least one award")
    for number in proposed.awards:
        award = held.get(number)
        if proposed.programme is None:
            issuer = award.institution
        else:
            counted = award.programmes.get(proposed.programme)
            refuse_if(counted is None, "not-counted", f"{number} does not count in {proposed.programme}")
            issuer = counted.institution if counted else ""
        refuse_if(issuer != proposed.institution, "other-institution", f"{issuer} certifies {number}")


def revoked_by_issuer(held: Credits, number: CertificateNumber, proposed: CertificateRevoked) -> None:
    """The institution that issued a certificate revokes it, once."""
    refuse_if(number.revoked, "certificate-revoked", f"{proposed.certificate} is revoked already")
    found = held.certificates.get(proposed.certificate)
    refuse_if(found is None, "unknown-certificate", f"{held.person} has no such certificate")
    issuer = found.institution if found else ""
    refuse_if(issuer != proposed.institution, "other-institution", f"{issuer} issued it")


RULES = (
    Rule(new_certificate, CERTIFICATE_NUMBER),
    Rule(rests_on_credits, CREDITS),
    Rule(revoked_by_issuer, CREDITS, CERTIFICATE_NUMBER),
)
