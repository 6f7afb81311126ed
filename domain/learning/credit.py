"""Credits (学分核算): awarded for recognised outcomes, counted in programmes, and revoked."""

from __future__ import annotations

from msgspec import Struct, field
from msgspec.structs import replace

from domain.learning.outcomes import OUTCOMES, Outcome, Outcomes
from domain.learning.published import Standard, Terms, earned
from domain.number import new_number
from domain.rule import Revision, Rule, data, look_up, of, refuse_if, too_early_if
from events.fold import Fold
from events.learning.certificates import CertificateIssued, CertificateRevoked
from events.learning.credit import CreditsAwarded, CreditsRevoked, Unwound
from events.learning.published import CREDIT_TERMS, STANDARD
from events.learning.transfers import CreditsTransferred
from events.learning.vocabulary import Category


class Counted(Struct):
    """How an award counts in a programme."""

    transfer: str
    institution: str
    rule: str
    category: Category
    credits: int
    exclusive: bool


class Award(Struct):
    """An award that stands, and the programmes in which it counts."""

    institution: str
    category: Category
    credits: int
    awarded: str
    programmes: dict[str, Counted] = field(default_factory=dict)


class Certificate(Struct):
    """A certificate that stands, and the awards that it rests on."""

    institution: str
    awards: frozenset[str]


class Credits(Struct):
    """A person's awards and certificates that stand, and the numbers of revoked awards."""

    person: str
    awards: dict[str, Award] = field(default_factory=dict)
    certificates: dict[str, Certificate] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)

    def get(self, award: str) -> Award:
        """Return an award that stands. Raises Refused if it was revoked, TooEarly if it is unknown."""
        refuse_if(award in self.revoked, "credits-revoked", f"the award {award} was revoked")
        return look_up(self.awards, award, "unknown-award", f"{self.person} has no award {award}")


def credits_(
    state: Credits,
    event: CreditsAwarded | CreditsTransferred | CreditsRevoked | CertificateIssued | CertificateRevoked,
) -> None:
    """Follow a person's credits and what rests on them."""
    match event:
        case CreditsAwarded():
            state.awards[event.award] = Award(event.institution, event.category, event.credits, event.day)
        case CreditsTransferred():
            if award := state.awards.get(event.award):
                award.programmes[event.programme] = Counted(
                    event.transfer,
                    event.institution,
                    event.rule,
                    event.category,
                    event.credits,
                    event.exclusive,
                )
        case CreditsRevoked():
            state.awards.pop(event.award, None)
            state.revoked.add(event.award)
        case CertificateIssued():
            state.certificates[event.certificate] = Certificate(event.institution, frozenset(event.awards))
        case CertificateRevoked():
            state.certificates.pop(event.certificate, None)


CREDITS = Fold("person", Credits, credits_, steps=True)


def awarded_for_recognised(outcomes: Outcomes, proposed: CreditsAwarded) -> None:
    """The institution that recognised an outcome awards its credits, once."""
    outcome = outcomes.get(proposed.outcome)
    too_early_if(
        not outcome.recognised, "unknown-recognition", f"the outcome {proposed.outcome} is not recognised"
    )
    refuse_if(
        outcome.awarded, "awarded-already", f"the outcome {proposed.outcome} has already earned its credits"
    )
    refuse_if(
        (outcome.institution, outcome.standard) != (proposed.institution, proposed.standard),
        "other-recognition",
        f"the outcome was recognised by {outcome.institution}, by {outcome.standard}",
    )


def counted_by_terms(outcomes: Outcomes, standard: Standard, terms: Terms, proposed: CreditsAwarded) -> None:
    """Credits are what the terms of the standard, as it recognised the outcome, give that day; they are not zero."""
    outcome = outcomes.get(proposed.outcome)
    named = _terms_of(outcome, standard)
    refuse_if(
        named != proposed.terms,
        "other-terms",
        f"the standard {proposed.standard} uses the terms {named or 'of no version in force'}",
    )
    refuse_if(outcome.category != proposed.category, "other-category", f"the outcome is {outcome.category}")
    due = earned(terms, outcome.category, outcome.result, outcome.hours, proposed.day)
    refuse_if(not due, "earns-nothing", "hours and result earn no credits under the terms")
    refuse_if(
        due != proposed.credits,
        "other-credits",
        f"the outcome earns {due} hundredths of a credit, not {proposed.credits}",
    )


def hours_possible(outcomes: Outcomes, terms: Terms, proposed: CreditsAwarded) -> None:
    """An outcome earns credits for no more hours than the terms say of its kind."""
    outcome, found = outcomes.get(proposed.outcome), terms.on(proposed.day)
    for each in found.most_hours if found else ():
        refuse_if(
            each.kind == outcome.kind and outcome.hours > each.hours,
            "too-many-hours",
            f"an outcome of kind {each.kind} counts for {each.hours} hours at most, not {outcome.hours}",
        )


def _terms_of(outcome: Outcome, standard: Standard) -> str:
    """Return the number of the terms that the standard used on the day on which it recognised an outcome."""
    version = standard.on(outcome.recognised) if outcome.recognised else None
    return version.terms if version else ""


def revoked_with_what_follows(held: Credits, proposed: CreditsRevoked) -> None:
    """The awarding institution revokes an award once, in full, and unwinds each transfer of it.

    A certificate that rests on the award must be revoked first, so that no certificate is left untrue.
    """
    award = held.get(proposed.award)
    refuse_if(
        award.institution != proposed.institution,
        "other-institution",
        f"the award was made by {award.institution}",
    )
    refuse_if(
        (award.category, award.credits) != (proposed.category, proposed.credits),
        "other-credits",
        f"the award is {award.credits} hundredths of a credit, {award.category}",
    )
    resting = sorted(each for each, on in held.certificates.items() if proposed.award in on.awards)
    refuse_if(resting, "certificate-rests-on-it", f"certificates to revoke first: {', '.join(resting)}")
    live = transfers_of(award)
    refuse_if(
        sorted(proposed.unwound, key=_number) != live
        or sorted(proposed.transfers) != [each.transfer for each in live],
        "unwinds-otherwise",
        f"the transfers to unwind are: {', '.join(each.transfer for each in live) or 'none'}",
    )


def transfers_of(award: Award) -> list[Unwound]:
    """Return the transfers of an award, sorted by number."""
    counted = award.programmes.items()
    live = [Unwound(each.transfer, programme, each.category, each.credits) for programme, each in counted]
    return sorted(live, key=_number)


def _number(unwound: Unwound) -> str:
    return unwound.transfer


RULES = (
    new_number(
        "award",
        CreditsAwarded,
        "award-number-given",
        name="new_award",
        sentence="An award number is assigned only once.",
    ),
    Rule(awarded_for_recognised, OUTCOMES),
    Rule(counted_by_terms, OUTCOMES, data(of(STANDARD, "standard")), data(of(CREDIT_TERMS, "terms"))),
    Rule(hours_possible, OUTCOMES, data(of(CREDIT_TERMS, "terms"))),
    Rule(revoked_with_what_follows, CREDITS),
)


def by_the_terms_of_its_standard(
    outcomes: Outcomes, standard: Standard, proposed: CreditsAwarded
) -> CreditsAwarded:
    """An award names the terms that its standard used when it recognised the outcome."""
    named = _terms_of(outcomes.get(proposed.outcome), standard)
    return replace(proposed, terms=named) if named else proposed


def as_the_terms_count(outcomes: Outcomes, terms: Terms, proposed: CreditsAwarded) -> CreditsAwarded:
    """The credits are what the terms give for the outcome that day."""
    outcome = outcomes.get(proposed.outcome)
    due = earned(terms, outcome.category, outcome.result, outcome.hours, proposed.day)
    return replace(proposed, credits=due)


def as_awarded_and_transferred(held: Credits, proposed: CreditsRevoked) -> CreditsRevoked:
    """A revocation covers the award as it was made, and its transfers that stand."""
    award = held.get(proposed.award)
    live = transfers_of(award)
    if sorted(proposed.unwound, key=_number) == live:
        live = proposed.unwound
    transfers = [each for each in proposed.transfers if each in {one.transfer for one in live}]
    return replace(
        proposed, category=award.category, credits=award.credits, unwound=live, transfers=transfers
    )


REVISIONS = (
    Revision(by_the_terms_of_its_standard, OUTCOMES, data(of(STANDARD, "standard"))),
    Revision(as_the_terms_count, OUTCOMES, data(of(CREDIT_TERMS, "terms"))),
    Revision(as_awarded_and_transferred, CREDITS),
)
