"""Certificates (证书): issued on credits that stand, and revoked by the issuer."""

from __future__ import annotations

from msgspec import Struct

from domain.learning.credit import CREDITS, Credits
from domain.number import new_number
from domain.rule import Rule, ever, refuse_if, too_early_if
from events.fold import Fold
from events.learning.certificates import CertificateIssued, CertificateRevoked


class CertificateNumber(Struct):
    """Whether the certificate with this number was revoked."""

    certificate: str
    revoked: bool = False


def certificate_number(state: CertificateNumber, event: CertificateRevoked) -> None:
    """Remember that the certificate was revoked."""
    state.revoked = True


CERTIFICATE_NUMBER = Fold("certificate", CertificateNumber, certificate_number)


def rests_on_credits(held: Credits, proposed: CertificateIssued) -> None:
    """A certificate rests on awards that stand: the issuer's own, or awards that count in its programme."""
    refuse_if(not proposed.awards, "rests-on-nothing", "a certificate must rest on at least one award")
    for number in proposed.awards:
        award = held.get(number)
        if proposed.programme is None:
            issuer = award.institution
        else:
            counted = award.programmes.get(proposed.programme)
            refuse_if(
                counted is None, "not-counted", f"the award {number} does not count in {proposed.programme}"
            )
            issuer = counted.institution if counted else ""
        refuse_if(
            issuer != proposed.institution,
            "other-institution",
            f"the award {number} is for {issuer} to certify",
        )


def revoked_by_issuer(held: Credits, number: CertificateNumber, proposed: CertificateRevoked) -> None:
    """The institution that issued a certificate revokes it, once."""
    refuse_if(
        number.revoked,
        "certificate-revoked",
        f"the certificate {proposed.certificate} has already been revoked",
    )
    found = held.certificates.get(proposed.certificate)
    too_early_if(
        found is None, "unknown-certificate", f"{held.person} has no certificate {proposed.certificate}"
    )
    issuer = found.institution if found else ""
    refuse_if(issuer != proposed.institution, "other-institution", f"the certificate was issued by {issuer}")


RULES = (
    new_number(
        "certificate",
        CertificateIssued,
        "certificate-number-given",
        name="new_certificate",
        sentence="A certificate number is assigned only once.",
    ),
    Rule(rests_on_credits, CREDITS),
    Rule(revoked_by_issuer, CREDITS, ever(CERTIFICATE_NUMBER)),
)
