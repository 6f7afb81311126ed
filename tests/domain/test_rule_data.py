"""Published rules are judged too: never for the past, no list that says something twice, none that says nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args, get_origin

import pytest
from msgspec import Struct
from msgspec.structs import replace

from events.calendar import WorkingDaysPublished
from events.catalogue import by_name, names
from events.clock import plus_days
from events.contract import fields
from events.dated import RuleData
from events.evaluation.published import (
    AtMost,
    EvaluationTermsPublished,
    KindTerms,
    RecordingWindowSet,
    UsePolicyPublished,
)
from events.event import Event
from events.identity.published import IdentityRulesPublished
from events.integrity.published import ConductRulePublished, IntegrityTermsPublished
from events.learning.published import (
    CreditTermsPublished,
    CreditTransferRulePublished,
    MostHours,
    RecognitionStandardPublished,
    ResultCounts,
)
from events.projects.published import ProjectRulesPublished
from events.roll.published import EntryAge, RollRulesPublished, StageTerms
from streams.scenario import at
from tests.contexts import evaluation, identity, integrity, learning, projects
from tests.contexts.calendar import AUTUMN_2024
from tests.contexts.duplicates import RULES as ROLL_RULES
from tests.logs.publishing import Town

Rewritten = Callable[[list[Any]], list[Any]]

SAMPLES: Mapping[type[Event], Event] = {
    WorkingDaysPublished: AUTUMN_2024,
    IdentityRulesPublished: identity.ROLE_RULES,
    RollRulesPublished: replace(ROLL_RULES, entry_age=[EntryAge("primary", 6)], occurred_at=at("2000-01-01")),
    EvaluationTermsPublished: evaluation.some(
        EvaluationTermsPublished,
        kinds=[
            KindTerms(
                "arts",
                "health-and-arts",
                ["pupil"],
                stages=["primary"],
                evidence_kinds=["evaluation.ActivityAttended"],
                verifiers=["teacher"],
            )
        ],
        at_most=[AtMost("arts", 1)],
    ),
    RecordingWindowSet: evaluation.some(RecordingWindowSet),
    UsePolicyPublished: evaluation.some(UsePolicyPublished),
    CreditTermsPublished: learning.some(CreditTermsPublished, most_hours=[MostHours("experience", 2000)]),
    RecognitionStandardPublished: learning.some(RecognitionStandardPublished),
    CreditTransferRulePublished: learning.some(CreditTransferRulePublished),
    ProjectRulesPublished: projects.RULES,
    IntegrityTermsPublished: integrity.TERMS,
    ConductRulePublished: integrity.RULE,
}
"""Rule data of each type that makes sense."""

BEFORE = tuple(each for each in learning.BANK if not isinstance(each, RuleData))

LISTS: Mapping[str, tuple[str, str]] = {
    "calendar.WorkingDaysPublished holidays": ("nothing-listed", "said-twice"),
    "calendar.WorkingDaysPublished extra_working_days": ("", "said-twice"),
    "identity.IdentityRulesPublished roles": ("nothing-listed", "said-twice"),
    "identity.IdentityRulesPublished roles.posts": ("nothing-listed", "said-twice"),
    "identity.IdentityRulesPublished roles.tiers": ("nothing-listed", "said-twice"),
    "roll.RollRulesPublished stages": ("nothing-listed", "said-twice"),
    "roll.RollRulesPublished entry_age": ("", "said-twice"),
    "evaluation.EvaluationTermsPublished kinds": ("nothing-listed", "said-twice"),
    "evaluation.EvaluationTermsPublished kinds.entered_by": ("nothing-listed", "said-twice"),
    "evaluation.EvaluationTermsPublished kinds.stages": ("", "said-twice"),
    "evaluation.EvaluationTermsPublished kinds.evidence_kinds": ("", "said-twice"),
    "evaluation.EvaluationTermsPublished kinds.verifiers": ("", "said-twice"),
    "evaluation.EvaluationTermsPublished at_most": ("", "said-twice"),
    "evaluation.EvaluationTermsPublished required": ("", "said-twice"),
    "evaluation.UsePolicyPublished dimensions": ("nothing-listed", "said-twice"),
    "learning.CreditTermsPublished hours_per_credit": ("nothing-listed", "said-twice"),
    "learning.CreditTermsPublished most_hours": ("", "said-twice"),
    "learning.CreditTermsPublished results": ("nothing-listed", "said-twice"),
    "integrity.ConductRulePublished evidence_kinds": ("nothing-listed", "said-twice"),
}
"""The lists of rule data, all of them sets: the codes for an empty one, empty if that makes sense, and for a repeat."""


def lists(cls: type[Struct], path: str = "") -> Iterator[str]:
    """Yield the fields of a type that are lists, those of its records included."""
    for each in fields(cls):
        if get_origin(each.base) is list:
            yield path + each.name
            (item,) = get_args(each.base)
            if isinstance(item, type) and issubclass(item, Struct):
                yield from lists(item, f"{path}{each.name}.")


def with_list(record: Any, path: str, rewritten: Rewritten) -> Any:
    """Return rule data with one of its lists rewritten, in the first record if the list is in records."""
    name, _, rest = path.partition(".")
    value = getattr(record, name)
    if rest:
        return replace(record, **{name: [with_list(value[0], rest, rewritten), *value[1:]]})
    return replace(record, **{name: rewritten(value)})


def codes(proposed: Event) -> list[str]:
    return Town(*BEFORE).codes(proposed)


def test_there_is_a_sample_of_all_rule_data_and_each_is_admitted() -> None:
    assert SAMPLES.keys() == {cls for cls in names() if issubclass(cls, RuleData)}
    assert {names()[cls]: codes(each) for cls, each in SAMPLES.items()} == {
        names()[cls]: [""] for cls in SAMPLES
    }


@pytest.mark.parametrize("cls", SAMPLES, ids=lambda cls: cls.__name__)
def test_rule_data_is_never_for_the_past(cls: type[Event]) -> None:
    event = SAMPLES[cls]
    first = "opens" if cls is RecordingWindowSet else "since"
    assert codes(replace(event, **{first: event.day})) == [""]
    assert codes(replace(event, **{first: plus_days(event.day, -1)})) == ["retroactive"]


def test_every_list_of_rule_data_is_known() -> None:
    found = {f"{names()[cls]} {path}" for cls in SAMPLES for path in lists(cls)}
    assert found == LISTS.keys()


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_rule_data_says_nothing_twice_and_says_something(name: str) -> None:
    wire, _, path = name.partition(" ")
    event, (empty, twice) = SAMPLES[by_name()[wire]], LISTS[name]
    assert codes(with_list(event, path, lambda _: [])) == [empty]
    assert codes(with_list(event, path, lambda items: [*items, items[0]])) == [twice]


@pytest.mark.parametrize(
    "proposed, code",
    [
        (
            replace(ROLL_RULES, stages=[StageTerms("primary", 5, 1, compulsory=True)]),
            "grades-descend",
        ),
        (
            learning.some(
                CreditTermsPublished, results=[ResultCounts("pass", 60), ResultCounts("merit", 50)]
            ),
            "lower-earns-more",
        ),
        (learning.some(CreditTransferRulePublished, cap=0), "counts-nothing"),
        (learning.some(RecognitionStandardPublished, until="2020-01-31"), "ends-before-it-begins"),
        (evaluation.some(RecordingWindowSet, closes="2024-12-15"), "closes-before-it-opens"),
        (evaluation.some(RecordingWindowSet, "2025-02-01"), "retroactive"),
    ],
)
def test_rule_data_makes_sense(proposed: Event, code: str) -> None:
    assert codes(proposed) == [code]
