"""The codes of a rule are those that its source gives; `tests/domain/conftest.py` compares them with all that is raised."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from msgspec import Struct

import domain
import streams
from adapters.contracts.codes import codes, rules_of
from domain.catalogue import RULES
from domain.number import new_number
from domain.rule import Code, Rule, look_up, refuse_if
from events.catalogue import publishable
from events.identity.persons import PersonRegistered
from events.roll.pupils import StudentEnrolled

GIVEN_AT = {"Refused": 0, "TooEarly": 0, "refuse_if": 1, "too_early_if": 1, "look_up": 2, "version_on": 2}
DOCS = Path(__file__).parents[3] / "docs"


class Shelf(Struct):
    books: dict[str, str]

    def get(self, book: str) -> str:
        return self.found(book)

    def found(self, book: str) -> str:
        return look_up(self.books, book, "unknown-book", "there is none")


def test_a_rule_has_the_codes_of_its_check_of_what_that_calls_and_of_the_methods_of_its_states() -> None:
    def check(shelf: Shelf, proposed: StudentEnrolled) -> None:
        refuse_if(shelf.get(proposed.school), "is-there", "it is there")
        checked(other=proposed.school, code="by-keyword")

    def checked(other: str, code: Code) -> None:
        refuse_if(other, "other", "another")
        refuse_if(other, code, "another")

    # What is outside the domain, as these are, is not looked into.
    checked.__module__ = check.__module__ = Shelf.get.__module__ = Shelf.found.__module__ = "domain.test"
    assert codes(Rule(check)) == {"is-there", "by-keyword", "other", "unknown-book"}


def test_a_rule_made_by_a_function_has_the_code_given_to_that() -> None:
    rule = new_number("person", PersonRegistered, "given-before", name="once", sentence="Once.")
    assert codes(rule) == {"given-before"}


def test_a_code_is_a_literal() -> None:
    def check(proposed: StudentEnrolled) -> None:
        refuse_if(proposed.school, f"no-{proposed.school}", "no")

    with pytest.raises(TypeError, match="is not a literal"):
        codes(Rule(check))


def test_every_rule_and_every_code_of_the_domain_is_listed_for_an_event() -> None:
    listed = [rule for cls in publishable().values() for rule in rules_of(cls)]
    assert {each.rule for each in listed} == set(RULES.values())
    assert all(each.codes for each in listed)
    found = set[str]()
    for path in Path(domain.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match call:
                case ast.Call(func=ast.Name(id=name), args=args) if name in GIVEN_AT:
                    match args[GIVEN_AT[name]]:
                        case ast.Constant(value=str() as code):
                            found.add(code)
    assert found - {code for each in listed for code in each.codes} == set()


def test_every_code_of_the_log_itself_is_documented() -> None:
    text = (DOCS / "publishing.md").read_text(encoding="utf-8")
    folder = Path(streams.__file__).parent
    sources = "".join(each.read_text(encoding="utf-8") for each in folder.rglob("*.py"))
    found = set(re.findall(r'(?:Refused|TooEarly)\(\s*"([a-z-]+)"', sources))
    assert "out-of-order" in found
    assert [each for each in sorted(found) if f"`{each}`" not in text] == []
