"""Labels: everything that is published has one in each language, and nothing else has."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from msgspec import Struct
from msgspec.structs import replace

from adapters.contracts.codes import rules_of
from events import catalogue
from events.contract import fields
from events.labels.table import Language, labels
from projections import catalogue as projections

LANGUAGES: tuple[Language, ...] = get_args(Language)
Named = tuple[str, str, Any]


def of_struct(owner: str, cls: type[Struct]) -> Iterator[Named]:
    for each in fields(cls):
        yield from of_hint(owner, each.name, each.sent.base)


def of_hint(owner: str, name: str, hint: Any) -> Iterator[Named]:
    """Yield a field with its type, and the fields of the records inside."""
    yield owner, name, hint
    for record in inside(hint):
        for each, its in get_type_hints(record).items():
            yield from of_hint(owner, each, its)


def inside(hint: Any) -> Iterator[type[Struct]]:
    if isinstance(hint, type) and issubclass(hint, Struct):
        yield hint
    for each in get_args(hint):
        yield from inside(each)


def words_in(hint: Any) -> Iterator[str]:
    if get_origin(hint) is Literal:
        yield from get_args(hint)
    else:
        for each in get_args(hint):
            yield from words_in(each)


def named() -> Iterator[Named]:
    for name, cls in catalogue.by_name().items():
        yield from of_struct(name, cls)
    for context, models in projections.CONTEXTS.items():
        for model in models:
            for column, hint in model.columns().items():
                yield from of_hint(f"{context}.{model.name}", column, hint)


def expected() -> Mapping[str, set[str]]:
    """Return what has one label each, by section."""
    return {
        "contexts": {*catalogue.CONTEXTS, *projections.CONTEXTS},
        "events": set(catalogue.by_name()),
        "models": {each.name for each in projections.READ_MODELS},
        "codes": {
            code for cls in catalogue.by_name().values() for rule in rules_of(cls) for code in rule.codes
        },
    }


class Reads(dict[str, str]):
    """A table that notes which of its keys were used."""

    def __init__(self, table: Mapping[str, str]) -> None:
        super().__init__(table)
        self.used: set[str] = set()

    def __getitem__(self, key: str) -> str:
        self.used.add(key)
        return super().__getitem__(key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_contexts_events_read_models_and_codes_have_a_label_and_nothing_else_has(language: Language) -> None:
    found = labels(language)
    for section, names in expected().items():
        assert set(getattr(found, section)) == names, section


@pytest.mark.parametrize("language", LANGUAGES)
def test_fields_columns_and_words_have_a_label_and_no_label_is_without_use(language: Language) -> None:
    table = labels(language)
    columns, words = Reads(table.fields), Reads(table.words)
    found = replace(table, fields=columns, words=words)
    lacking = []
    for owner, name, hint in named():
        if found.field(owner, name) is None:
            lacking.append(f"{owner}.{name}")
        lacking += [f"{name}.{word}" for word in words_in(hint) if found.word(name, word) is None]
    assert lacking == []
    assert (set(columns) - columns.used, set(words) - words.used) == (set(), set())


def test_a_label_of_its_own_goes_before_that_of_the_context_and_of_the_name() -> None:
    found = labels("en")
    assert found.field("projects.contracts", "subject") == "Subject of the contract"
    assert found.field("projects.ProjectReviewed", "subject") == "Subject of the review"
    assert found.field("roll.TeacherAppointed", "subject") == "Subject"
    assert found.field("roll.TeacherAppointed", "nothing") is None
    assert labels("zh").word("tier", "school") == "校级"
    assert labels("zh").word("kind", "school") == "学校"


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_are_sorted_and_labels_are_short_phrases(language: Language) -> None:
    text = files("events.labels").joinpath(f"{language}.toml").read_text(encoding="utf-8")
    for section, table in tomllib.loads(text).items():
        assert list(table) == sorted(table), section
        assert [each for each in table.values() if not 0 < len(each) <= 60 or each[-1] in ".。"] == []
