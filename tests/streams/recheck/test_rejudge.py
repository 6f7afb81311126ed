"""What was admitted, judged once more: after a retraction, and under other rule data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec import structs

from adapters.contracts.codec import AvroCodec
from domain.catalogue import REVISIONS, RULES
from events.event import Event
from events.identity.accounts import AccountUnlinked
from events.integrity.conduct import ConductObserved
from events.integrity.published import ConductRulePublished
from events.learning.credit import CreditsAwarded, CreditsRevoked
from events.learning.published import CreditTermsPublished, CreditTransferRulePublished, HoursPerCredit
from events.roll.pupils import StudentEnrolled, StudentPromoted
from projections.catalogue import READ_MODELS
from streams.history.past import Past
from streams.recheck.compare import Figure, compare
from streams.recheck.rejudge import ChangedVerdict, Rejudge
from streams.recheck.what_if import Imagined
from streams.scenario import at
from tests.contexts.integrity import COUNTING, OPENED, RULE
from tests.contexts.learning import CERTIFIED, UNWINDING, some
from tests.logs.histories import City, append, retraction
from tests.logs.memory_log import MemoryLog

CODEC = AvroCodec()


def logged(events: Sequence[Event]) -> MemoryLog:
    """Return a log with these events, each from its own number."""
    log = MemoryLog()
    append(log, CODEC, [_named(each, number) for number, each in enumerate(events, 1)])
    return log


def _named(event: Event, number: int) -> Event:
    return event if event.id else structs.replace(event, id=str(number), source="/city")


class Again:
    """A log judged again: the verdicts that change, and the figures of rows."""

    def __init__(self, log: MemoryLog, *substitutes: Event, **more: Any) -> None:
        self.log = log
        self.walk = Rejudge(log, CODEC, RULES, substitutes=substitutes, revisions=REVISIONS, **more)
        self.changed: list[ChangedVerdict] = list(self.walk.run())

    @property
    def refused(self) -> dict[int, str]:
        """The codes of those refused, by position."""
        return {each.position: each.code for each in self.changed}

    def figures(self, day: str) -> dict[tuple[str, str], Figure]:
        """The figures that differ, by model and field."""
        imagined = Imagined(self.log, CODEC, self.walk.world, self.walk.upto)
        found = compare(READ_MODELS, self.walk.touched, Past(self.log, CODEC), imagined, day)
        return {(each.model, each.field): each for each in found}


def position(events: Sequence[Event], cls: type[Event]) -> int:
    return next(number for number, each in enumerate(events, 1) if type(each) is cls)


def school_years() -> list[Event]:
    """Return a pupil's enrolment, two promotions, and somebody else's enrolment."""
    from tests.streams.project.test_rewriting import ENROLLED, GIVEN, made  # noqa: PLC0415 - its history is told there

    promoted = StudentPromoted(
        person="p-1", school="s-1", district="d-1", stage="primary", from_grade=1, to_grade=2
    )
    return [
        *GIVEN,
        made(promoted, 6, "2025-08-31"),
        made(structs.replace(ENROLLED, person="p-2"), 7, "2025-09-02"),
        made(structs.replace(promoted, from_grade=2, to_grade=3), 8, "2026-07-01"),
    ]


def test_what_was_admitted_by_these_rules_is_admitted_again() -> None:
    for events in (CERTIFIED, [*COUNTING, OPENED], school_years()):
        assert Again(logged(events)).changed == []


def test_what_rested_on_something_retracted_is_listed_and_nothing_else() -> None:
    events = school_years()
    enrolled = next(each for each in events if isinstance(each, StudentEnrolled))
    back = retraction(enrolled, id="9", source="/city", occurred_at=at("2026-07-02"))
    told = Again(logged([*events, back])).changed
    assert [(each.position, each.id, each.code) for each in told] == [
        (6, "6", "not-on-a-roll"),
        (8, "8", "not-on-a-roll"),
    ]
    assert told[0].type == "roll.StudentPromoted"
    assert told[0].rule == "roll.promoted_within_stage"


def test_what_would_rest_on_an_event_is_told_before_it_is_retracted() -> None:
    found = Again(logged(school_years()), without=[("/city", "4")])
    assert found.refused == {6: "not-on-a-roll", 8: "not-on-a-roll"}
    figures = found.figures("2026-07-02")
    grade = figures["students", "grade"]
    assert (grade.key, grade.before, grade.after, grade.difference) == (("p-1",), 3, 0, -3)
    assert [each.position for each in grade.events] == [5, 6, 8]


def test_evidence_that_was_retracted_proves_nothing() -> None:
    person, other = COUNTING[0], AccountUnlinked("p", "a", "compromised", occurred_at=at("2024-02-01"))
    cites = structs.replace(
        next(each for each in COUNTING if isinstance(each, ConductObserved)),
        evidence="/city#2",
        evidence_kind="identity.AccountUnlinked",
    )
    back = retraction(_named(other, 2), id="9", source="/city", occurred_at=at("2026-07-02"))
    found = Again(logged([person, other, COUNTING[3], RULE, cites, back]))
    assert found.refused == {5: "unknown-evidence"}


@pytest.mark.parametrize(
    "narrowed, code",
    [
        ({"cap": 400}, "beyond-the-cap"),
        ({"percent": 50}, "beyond-its-share"),
        ({"valid_days": 7}, "credits-too-old"),
    ],
)
def test_a_narrower_rule_admits_neither_the_transfer_nor_the_certificate_that_rests_on_it(
    narrowed: dict[str, Any], code: str
) -> None:
    transfer = len(CERTIFIED) - 1
    found = Again(logged(CERTIFIED), some(CreditTransferRulePublished, **narrowed))
    assert found.refused == {transfer: code, transfer + 1: "not-counted"}
    figures = found.figures("2024-10-01")
    # The award stays; what counted in the programme does not.
    assert ("credit-balances", "awarded") not in figures
    assert {each.key for each in figures.values() if each.model == "certificates"} == {("c-1",)}


def test_a_wider_rule_changes_no_verdict() -> None:
    found = Again(logged(CERTIFIED), some(CreditTransferRulePublished, cap=9999))
    assert (found.changed, found.figures("2024-10-01")) == ([], {})


def test_an_event_that_is_refused_in_any_case_is_no_matter_of_the_rules() -> None:
    events = [*CERTIFIED, *school_years(), _promoted_too_far()]
    wider = some(CreditTransferRulePublished, cap=9999)
    log = logged([structs.replace(each, id="", source="") for each in events])
    assert list(Again(log).refused.values()) == ["person-registered", "person-registered", "not-one-grade"]
    assert Again(log, wider).changed == []


def _promoted_too_far() -> Event:
    return StudentPromoted(
        person="p-2",
        school="s-1",
        district="d-1",
        stage="primary",
        from_grade=1,
        to_grade=5,
        occurred_at=at("2026-08-01"),
    )


def test_other_weights_change_scores_by_so_much_and_open_no_review() -> None:
    events = [*COUNTING, OPENED]
    found = Again(logged(events), structs.replace(RULE, weight=10))
    assert found.refused == {len(events): "below-threshold"}
    figures = found.figures("2024-06-09")  # a hundred days after the conduct: half is left
    score = figures["integrity-scores", "score"]
    assert (score.key, score.before, score.after, score.difference) == (("p",), 10.0, 5.0, -5.0)
    assert [each.position for each in score.events] == [position(events, ConductObserved)]


def test_what_cannot_be_revised_is_refused() -> None:
    found = Again(logged(COUNTING), structs.replace(RULE, since="2024-03-02"))
    assert next(iter(found.refused.values())) == "conduct-rule-not-in-force"


def test_other_terms_change_awards_and_what_revokes_them() -> None:
    revoked = some(CreditsRevoked, **UNWINDING)
    events = [*CERTIFIED[:-1], revoked]
    terms = some(CreditTermsPublished, hours_per_credit=[HoursPerCredit("academic", 9)])
    found = Again(logged(events), terms)
    assert found.changed == []
    award = found.walk.world.revised[position(events, CreditsAwarded)]
    assert isinstance(award, CreditsAwarded)
    assert award.credits == 1000
    gone = found.walk.world.revised[len(events)]
    assert isinstance(gone, CreditsRevoked)
    assert (gone.credits, gone.transfers) == (1000, ["t-1"])


def test_rule_data_that_were_never_published_come_before_everything() -> None:
    unpublished = [each for each in COUNTING if not isinstance(each, ConductRulePublished)]
    log = logged(unpublished)
    assert "unknown-conduct-rule" in Again(log).refused.values()
    other = structs.replace(RULE, rule="R2")
    assert Again(log, other).changed == []
    assert Again(log, RULE).changed == []


@pytest.mark.parametrize("seed", range(3))
def test_small_bounds_change_nothing(seed: int) -> None:
    log = MemoryLog()
    append(log, CODEC, City(seed, merges=0.05, retractions=0.1).events(1500))
    roomy = Again(log)
    assert roomy.refused
    assert Again(log, bound=1).changed == roomy.changed
