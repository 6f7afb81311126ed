"""Patterns of text match whole texts, in ASCII's digits only, and nowhere else in the tree are there others."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args, get_origin

import msgspec
import pytest
from msgspec import Struct

from adapters.http.describe.schemas import of_events
from adapters.upstream.city.schools import DISTRICTS
from events.catalogue import by_name
from events.contract import Field, fields
from events.evaluation.vocabulary import Semester
from events.event import Name, Number, Text, WholeTag
from events.labels.table import labels
from events.patterns import IDENTIFIER, anchored, ecma
from events.projects.systems import Month

ROOT = Path(__file__).parent.parent.parent
PRODUCT = ("adapters", "bench", "domain", "events", "projections", "streams")
LOOSE = re.compile(r"\\[dwsDWS]|(?<![\[\\])\^|(?<!\\)\$")
"""What a pattern of `re` must not have: classes of every script, and anchors that a line break satisfies."""


def texts(cls: type[Struct], inside: str = "") -> Iterator[tuple[str, Field]]:
    """Give the fields of free text of a class and of its records, with their paths."""
    for each in fields(cls):
        base = get_args(each.base)[0] if get_origin(each.base) is list else each.base
        if isinstance(base, type) and issubclass(base, Struct):
            yield from texts(base, f"{inside}{each.name}.")
        elif base is str and not each.calendar and get_origin(base) is not Literal:
            yield f"{inside}{each.name}", each


@pytest.mark.parametrize("name", sorted(by_name()))
def test_every_text_of_an_event_has_a_pattern_that_its_whole_must_match(name: str) -> None:
    for path, field in texts(by_name()[name]):
        patterns = [each.pattern for each in field.meta if each.pattern]
        assert patterns, path
        for pattern in patterns:
            assert pattern.startswith(r"\A(?:"), path
            assert pattern.endswith(r")\Z"), path
            assert not LOOSE.search(pattern), path
            assert not re.search(pattern, "x\0"), path


def test_json_schema_has_the_same_patterns_with_its_own_anchors() -> None:
    text = json.dumps(of_events(labels("en")))
    assert r"\\A" not in text
    assert r"\\Z" not in text
    assert json.dumps(ecma(IDENTIFIER)) in text


@pytest.mark.parametrize(
    "kind, right, wrong",
    [
        (Number, ["nl", "a.b_c:d-e", "1"], ["nl\n", "", "-a", "１", "é", "a b"]),
        (Month, ["2024-09"], ["２０２４-09", "2024-09\n", "2024-13"]),
        (Semester, ["2024-autumn"], ["2024-autumn\n", "20٢٤-autumn"]),
        (
            Name,
            ["王小明", " a ", "买买提·艾山", "a\u200cb"],
            ["", " ", "　", "\ufeff", "a\nb", "a\x1b[0m", "a\x85b"],
        ),
        (Text, ["", "a\nb\r\n\tc", "一"], ["\x1b[2J", "a\0", "\x7f", "\x9b"]),
        (WholeTag, ["person:p-1", "event:urn:x#1"], ["person:", "person:a\n", ":a", "Person:a"]),
    ],
)
def test_whole_texts_match(kind: type[str], right: list[str], wrong: list[str]) -> None:
    for each in right:
        assert msgspec.convert(each, kind) == each
    for each in wrong:
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(each, kind)


def test_a_pattern_has_an_anchored_form_for_python_and_one_for_json_schema() -> None:
    assert (anchored("a|b"), ecma("a|b")) == (r"\A(?:a|b)\Z", "^(?:a|b)$")


def sources() -> Iterator[tuple[str, ast.AST]]:
    for folder in PRODUCT:
        for file in sorted((ROOT / folder).rglob("*.py")):
            yield str(file.relative_to(ROOT)), ast.parse(file.read_text(encoding="utf-8"))


def literals(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def test_no_regular_expression_takes_other_scripts_or_a_line_break_at_the_end() -> None:
    found = []
    for file, tree in sources():
        for each in ast.walk(tree):
            if isinstance(each, ast.Call) and ast.unparse(each.func).startswith("re.") and each.args:
                found += [(file, text) for text in literals(each.args[0]) if LOOSE.search(text)]
    assert found == []


def test_fields_get_their_patterns_in_one_way() -> None:
    found = [
        file
        for file, tree in sources()
        for each in ast.walk(tree)
        if isinstance(each, ast.Call) and any(one.arg == "pattern" for one in each.keywords)
    ]
    assert found == ["events/patterns.py"]


def test_digits_are_those_of_ascii() -> None:
    """`isdigit` is true of `²` and of every script's digits: it stands beside `isascii`."""
    found = []
    for file, tree in sources():
        asked = [each for each in ast.walk(tree) if isinstance(each, ast.Attribute) and each.attr in ASKING]
        guarded = {
            id(one)
            for each in ast.walk(tree)
            if isinstance(each, ast.BoolOp) and "isascii()" in ast.unparse(each)
            for one in ast.walk(each)
        }
        found += [(file, each.lineno) for each in asked if id(each) not in guarded]
    assert found == []


ASKING = ("isdigit", "isdecimal", "isnumeric", "isalnum", "isalpha")


def test_every_district_is_a_code_of_gb_t_2260() -> None:
    named = [
        field
        for cls in by_name().values()
        for path, field in texts(cls)
        if path.rpartition(".")[2].endswith("district")
    ]
    assert len(named) > 20
    assert {each.pattern for field in named for each in field.meta} == {anchored("[1-9][0-9]{5}")}
    assert set(DISTRICTS) == {each for each in DISTRICTS if re.fullmatch("310[0-9]{3}", each)}
    assert len(DISTRICTS) == 16
