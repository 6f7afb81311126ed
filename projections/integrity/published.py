"""Published integrity data: rules of conduct and terms."""

from __future__ import annotations

from msgspec import Struct, field

from events.integrity.published import ConductRulePublished, ConductRuleRetired, IntegrityTermsPublished
from projections.read_model import ReadModel
from projections.versions import retire


class Version(Struct):
    """A version of a rule of conduct, in force from a day until a newer one replaces it or a retirement ends it."""

    since: str
    title: str
    weight: int
    half_life_days: int
    evidence_kinds: list[str]
    ended: str | None = None


class ConductRule(Struct):
    """A rule of conduct, all its versions, and the day on which the last one was retired."""

    rule: str
    status: str = "unknown"
    title: str = ""
    versions: list[Version] = field(default_factory=list)
    retired: str | None = None
    reason: str | None = None


def conduct_rule(row: ConductRule, event: ConductRulePublished | ConductRuleRetired) -> None:
    """Follow a rule of conduct from publication to retirement."""
    match event:
        case ConductRulePublished():
            row.status, row.title, row.retired, row.reason = "published", event.title, None, None
            row.versions.append(
                Version(event.since, event.title, event.weight, event.half_life_days, event.evidence_kinds)
            )
        case ConductRuleRetired():
            row.status, row.retired, row.reason = "retired", event.day, event.reason
            retire(row.versions, event.day)


class IntegrityTerms(Struct):
    """The terms of integrity in force from a day until newer terms replace them."""

    rules: str
    since: str
    objection_days: int = 0
    review_points: int = 0
    minimum_age: int = 0


def integrity_terms(row: IntegrityTerms, event: IntegrityTermsPublished) -> None:
    """Keep what was last published for the day."""
    row.objection_days, row.review_points = event.objection_days, event.review_points
    row.minimum_age = event.minimum_age


READ_MODELS = (
    ReadModel(
        "conduct-rules", "conduct-rule", ConductRule, conduct_rule, filter=("status",), sort=("title",)
    ),
    ReadModel("integrity-terms", "rules", IntegrityTerms, integrity_terms, sort=("since",)),
)
