"""The codes that each rule may refuse with, read from the source of its check and of all that the check calls.

Nothing is listed twice: a code stands where it is raised, as a literal in place of a parameter annotated `Code`.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import FunctionType
from typing import Any, get_type_hints

from msgspec import Struct

from domain.catalogue import RULES
from domain.rule import Rule
from events.event import Event


class Listed(Struct, frozen=True):
    """A rule as publishers read of it: `rule` is its identity."""

    rule: str
    sentence: str
    codes: tuple[str, ...]


@cache
def rules_of(cls: type[Event]) -> tuple[Listed, ...]:
    """Return the rules that judge events of a class; a check with several readings is one rule to a publisher."""
    found: dict[str, list[Rule]] = {}
    for each, identity in RULES.items():
        if each.judges(cls):
            found.setdefault(identity, []).append(each)
    return tuple(
        Listed(identity, same[0].sentence, tuple(sorted(set().union(*map(codes, same)))))
        for identity, same in found.items()
    )


def codes(rule: Rule) -> frozenset[str]:
    """Return the codes of a rule. Raises TypeError if one of them is not a literal."""
    found: dict[_Function, frozenset[str]] = {}
    waiting = [_Function(rule.check)]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found[each], calls = _read(each)
            waiting += calls
    return frozenset().union(*found.values())


class _Function(Struct, frozen=True):
    """A function of the domain and, for a method, its class."""

    function: Callable[..., Any]
    owner: type | None = None


@cache
def _read(each: _Function) -> tuple[frozenset[str], tuple[_Function, ...]]:
    """Return the codes that a function gives itself, and the functions of the domain that it names."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(each.function)))
    variables = inspect.getclosurevars(each.function)
    names = {**variables.globals, **variables.nonlocals}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    given = [(call, code) for call in calls for code in _given(call, names)]
    found = set[str]()
    for call, code in given:
        match code:
            case ast.Constant(value=str() as literal):
                found.add(literal)
            case ast.Name(id=name) if name in variables.nonlocals:
                found.add(variables.nonlocals[name])
            case ast.Name(id=name) if name in inspect.signature(each.function).parameters:
                pass  # its callers give it
            case _:
                msg = f"{each.function.__qualname__}: the code in `{ast.unparse(call)}` is not a literal"
                raise TypeError(msg)
    return frozenset(found), tuple(_named(tree, names, each))


def _given(call: ast.Call, names: Mapping[str, Any]) -> Iterator[ast.expr]:
    """Yield what a call gives for parameters annotated `Code`."""
    called = names.get(call.func.id) if isinstance(call.func, ast.Name) else None
    if called is None or not _of_the_domain(called):
        return
    signature = inspect.signature(called)
    given = signature.bind(*call.args, **{each.arg or "": each.value for each in call.keywords}).arguments
    for each in signature.parameters.values():
        if each.annotation == "Code":
            yield given[each.name]


def _named(tree: ast.AST, names: Mapping[str, Any], each: _Function) -> Iterator[_Function]:
    """Yield the functions of the domain in a function's source, and the methods of its parameters."""
    hints = {"self": each.owner, **get_type_hints(each.function)}
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name):
                found, owner = names.get(name), None
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                owner = hints.get(name)
                found = getattr(owner, attribute, None)
            case _:
                continue
        if isinstance(found, FunctionType) and _of_the_domain(found):
            yield _Function(found, owner)


def _of_the_domain(named: Any) -> bool:
    return str(getattr(named, "__module__", "")).startswith("domain.")
