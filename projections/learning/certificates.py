"""Certificates, which anyone who is shown one can verify (证书查验)."""

from __future__ import annotations

from msgspec import Struct, field

from events.learning.certificates import CertificateIssued, CertificateRevoked
from projections.life_cycle import LifeCycle, Step
from projections.read_model import ReadModel


class Certificate(Struct):
    """A certificate, verified by its number: what it certifies, who issued it, and whether it is still valid.

    `holder` stays sealed; `?holder=` confirms whether a given name is the holder's.
    """

    certificate: str
    status: str = "unknown"
    title: str = ""
    institution: str = ""
    programme: str | None = None
    person: str = ""
    holder: bytes = b""
    issued: str | None = None
    revoked: str | None = None
    reason: bytes | None = None
    awards: list[str] = field(default_factory=list)


STEPS = LifeCycle(
    Certificate,
    {CertificateIssued: Step("valid", day="issued"), CertificateRevoked: Step("revoked", day="revoked")},
)


def certificate(row: Certificate, event: CertificateIssued | CertificateRevoked) -> None:
    """Follow a certificate from issue to revocation."""
    STEPS.follow(row, event)
    match event:
        case CertificateIssued():
            row.title, row.institution, row.programme = event.title, event.institution, event.programme
            row.person, row.holder, row.awards = event.person, event.holder, event.awards
        case CertificateRevoked():
            row.reason = event.reason


READ_MODELS = (
    ReadModel(
        "certificates",
        "certificate",
        Certificate,
        certificate,
        filter=("person", "institution", "programme", "status"),
        sort=("issued",),
    ),
)
