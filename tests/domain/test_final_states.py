"""Final states are final: of everything that rules judge by a state, nothing is admitted that would leave it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from domain.catalogue import RULES
from domain.identity.persons import PersonNumber, takes_no_new_events
from domain.rule import Refused, Rule, TooEarly
from events.catalogue import names
from events.contract import tag_fields
from events.event import Event
from events.fold import Fold
from events.identity.persons import PersonsSeparated
from projections.catalogue import READ_MODELS
from projections.life_cycle import LifeCycle
from streams.scenario import given
from tests.contexts import final_others, final_roll
from tests.contexts.any_event import any_event
from tests.contexts.final import Case

PERSON = "person erased"
CASES = (*final_roll.CASES, *final_others.CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_nothing_leaves_a_final_state(case: Case) -> None:
    end = max(each.occurred_at for each in case.history)
    for code, events in case.proposed.items():
        for event in events:
            late = replace(event, occurred_at=max(event.occurred_at, end))
            refused = given(*case.history).when(late).refused_by
            assert refused, f"{names()[type(event)]} is admitted"
            assert refused.code.startswith(code), f"{names()[type(event)]}: {refused.code}"
            assert not isinstance(refused, TooEarly), (
                f"{names()[type(event)]}: nothing may come that admits it"
            )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_all_that_rules_judge_by_the_state_is_proposed_or_has_a_reason(case: Case) -> None:
    proposed = {names()[type(each)] for events in case.proposed.values() for each in events}
    judged = {
        names()[cls] for cls in names() for rule in RULES if rule.judges(cls) and _reads(rule, case.fold)
    }
    assert judged - proposed == case.apart.keys()


def _reads(rule: Rule, fold: Fold[Any]) -> bool:
    return any(each.fold is fold for each in rule.readings)


FINAL: Mapping[str, Mapping[str, str]] = {
    "identity.erasure.STEPS": {"erased": PERSON},
    "identity.trust.PROVIDER_STEPS": {},  # a provider can be trusted again
    "identity.trust.APPLICATION_STEPS": {},  # an application can be connected again
    "roll.teachers.STEPS": {"ended": "appointment ended"},
    "roll.transfers.STEPS": {
        "refused": "transfer refused",
        "withdrawn": "transfer withdrawn",
        "carried-out": "transfer carried out",
    },
    "evaluation.entries.STEPS": {"struck": "entry struck"},
    "evaluation.practice.STEPS": {},  # a base can be registered again
    "learning.published.STEPS": {},  # an institution can be admitted again
    "learning.courses.STEPS": {"completed": "course completed"},
    "learning.learners.STEPS": {"closed": "learning account closed"},
    "learning.archive.STEPS": {"recognised": "outcome awarded"},
    "learning.credit.STEPS": {
        "transferred": "credit transfer transferred",
        "declined": "credit transfer declined",
        "unwound": "award revoked",
    },
    "learning.certificates.STEPS": {"revoked": "certificate revoked"},
    "integrity.cases.CONDUCT_STEPS": {"dismissed": "conduct dismissed"},
    "integrity.cases.REVIEW_STEPS": {"closed": "review closed"},
    "integrity.cases.WARNING_STEPS": {"cleared": "warning cleared"},
}
"""The final statuses of each life cycle of rows, with the case that shows it."""


def test_every_life_cycle_says_which_of_its_statuses_are_final() -> None:
    modules = {sys.modules[each.fold.evolve.__module__] for each in READ_MODELS}
    found = {
        f"{module.__name__.removeprefix('projections.')}.{name}": value
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, LifeCycle)
    }
    assert FINAL.keys() == found.keys()
    for name, final in FINAL.items():
        assert final.keys() <= set(found[name].statuses), name
        assert set(final.values()) <= {PERSON, *(each.name for each in CASES)}, name


@pytest.mark.parametrize(
    "cls", [cls for cls in names() if any(each.tag and each.tag.kind == "person" for each in tag_fields(cls))]
)
def test_a_number_that_is_erased_or_merged_takes_no_event(cls: type[Event]) -> None:
    event = any_event(cls, "p", "1")
    with pytest.raises(Refused) as erased:
        takes_no_new_events(PersonNumber("p", registered=True, erased=True), event)
    assert erased.value.code == "person-erased"
    merged = PersonNumber("p", registered=True, into="q", merge="centre#m")
    if cls is PersonsSeparated:
        takes_no_new_events(merged, event)  # which is how a merge is undone
        return
    with pytest.raises(Refused) as refused:
        takes_no_new_events(merged, event)
    assert refused.value.code == "person-merged"
