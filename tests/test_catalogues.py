"""Catalogues are complete: every event, rule, read model and revision stands in its list."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections import Counter
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

import domain
import events
import projections
from domain import catalogue as rules
from events import catalogue
from events.event import Event, Statement
from projections import catalogue as models

ABSTRACT = {"Event", "Statement", "RuleData", "LimitedRuleData", "OfEntry", "OfReport"}
CONTEXTS = tuple(catalogue.CONTEXTS)


def modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(found.name)


def of(package: ModuleType, context: str) -> list[ModuleType]:
    """Return the files of a context, without the package that holds them."""
    prefix = f"{package.__name__}.{context}"
    found = [
        each for each in modules(package) if each.__name__ == prefix or each.__name__.startswith(f"{prefix}.")
    ]
    return [each for each in found if not hasattr(each, "__path__")]


def test_the_three_catalogues_have_the_same_contexts_in_the_same_order() -> None:
    assert tuple(rules.CONTEXTS) == tuple(models.CONTEXTS) == CONTEXTS


@pytest.mark.parametrize("context", CONTEXTS)
def test_every_event_stands_in_the_list_of_its_file_and_that_in_its_context(context: str) -> None:
    listed: list[type[Event]] = []
    for module in of(events, context):
        defined = [
            each
            for each in vars(module).values()
            if isinstance(each, type) and issubclass(each, Event) and each.__module__ == module.__name__
        ]
        own = tuple(getattr(module, "EVENTS", ()))
        assert set(own) == {each for each in defined if each.__name__ not in ABSTRACT}, module.__name__
        listed += own
    assert Counter(listed) == Counter(catalogue.CONTEXTS[context])


def test_every_event_class_is_in_the_catalogue() -> None:
    list(modules(events))

    def below(cls: type[Event]) -> Iterator[type[Event]]:
        for each in cls.__subclasses__():
            yield each
            yield from below(each)

    ours = {each for each in below(Event) if each.__module__.startswith("events.")}
    assert {each for each in ours if each.__name__ not in ABSTRACT} == set(catalogue.names())
    assert {each.__name__ for each in ours} & ABSTRACT == ABSTRACT - {"Event"}
    assert Statement in ours


def listed_in(package: ModuleType, context: str, name: str) -> list[Any]:
    return [each for module in of(package, context) for each in getattr(module, name, ())]


@pytest.mark.parametrize("context", CONTEXTS)
def test_every_rule_and_revision_stands_in_the_list_of_its_context(context: str) -> None:
    assert Counter(listed_in(domain, context, "RULES")) == Counter(rules.CONTEXTS[context])
    found = [each for each in rules.REVISIONS if each in listed_in(domain, context, "REVISIONS")]
    assert found == listed_in(domain, context, "REVISIONS")


def test_no_list_of_rules_has_something_that_no_context_lists() -> None:
    assert Counter(list(rules.RULES)) == Counter(rule for each in rules.CONTEXTS.values() for rule in each)
    assert len(rules.REVISIONS) == sum(len(listed_in(domain, each, "REVISIONS")) for each in CONTEXTS)


def unused(package: ModuleType, context: str, parameter: str) -> set[str]:
    """Return functions with this parameter that their own file does not name and no other file imports."""
    trees = [ast.parse(inspect.getsource(each)) for each in of(package, context)]
    imported = {
        one.name
        for tree in trees
        for each in ast.walk(tree)
        if isinstance(each, ast.ImportFrom)
        for one in each.names
    }
    found = set()
    for tree in trees:
        named = {
            each.id
            for each in ast.walk(tree)
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)
        }
        functions = [each for each in tree.body if isinstance(each, ast.FunctionDef)]
        found |= {each.name for each in functions if parameter in [one.arg for one in each.args.args]} - named
    return found - imported


@pytest.mark.parametrize("context", CONTEXTS)
def test_every_check_is_that_of_a_rule_or_helps_one(context: str) -> None:
    assert unused(domain, context, "proposed") == set()


@pytest.mark.parametrize("context", CONTEXTS)
def test_every_evolve_is_that_of_a_read_model_or_helps_one(context: str) -> None:
    assert unused(projections, context, "event") == set()


@pytest.mark.parametrize("context", CONTEXTS)
def test_every_read_model_stands_in_the_list_of_its_context(context: str) -> None:
    assert Counter(listed_in(projections, context, "READ_MODELS")) == Counter(models.CONTEXTS[context])


def test_names_of_read_models_are_unique() -> None:
    assert [
        name for name, count in Counter(each.name for each in models.READ_MODELS).items() if count > 1
    ] == []


def test_a_kind_of_tag_is_declared_in_one_way() -> None:
    assert catalogue.kinds()["person"].partitions == 12
    kinds = {each.fold.tag for each in models.READ_MODELS}
    kinds |= {each.fold.tag for rule in rules.RULES for each in rule.readings}
    assert kinds <= set(catalogue.kinds())


def test_an_identity_stands_for_one_check() -> None:
    checks: dict[str, set[Any]] = {}
    for rule, identity in rules.RULES.items():
        checks.setdefault(identity, set()).add(rule.check)
    assert {identity for identity, found in checks.items() if len(found) > 1} == set()
