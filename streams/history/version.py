"""The version of a read model: a digest of everything its rows follow from. Each digest has its own table."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import re
import sys
from collections.abc import Iterator
from functools import cache, lru_cache
from hashlib import sha256
from typing import Any

import msgspec

from events.alias import alias_of
from events.catalogue import by_name, names
from events.contract import avro_schema, fields
from events.event import Event
from events.rewriting import rewriting_types, takes_back
from projections.read_model import ReadModel

PURE = frozenset({"events", "domain", "projections"})
"""The packages whose code decides what rows and verdicts are."""

LAYOUT = 2
"""The format of tables and the way they are folded; raise it when that changes, to rebuild every read model."""


@cache
def digest(model: ReadModel[Any]) -> str:
    """Return the digest of the row class, the event contracts and the code of `evolve` and of the keys, in hex."""
    made = {
        "layout": LAYOUT,
        "key": (model.fold.tag, model.key),
        "filter": model.filter,
        "anytime": sorted(names()[each] for each in model.anytime),
        "row": [
            (each.name, _type(each.type), repr(each.default), repr(each.default_factory))
            for each in msgspec.structs.fields(model.row)
        ],
        "events": [_event(each) for each in subscription(model)],
        "code": sorted(_code(model)),
    }
    return sha256(json.dumps(made, sort_keys=True, default=str).encode()).hexdigest()


def _type(hint: Any) -> str:
    """Return a type without the modules in which its classes stand: where code lives changes no row."""
    return re.sub(r"\b(?:[A-Za-z0-9_]+\.)+", "", str(hint))


def subscription(model: ReadModel[Any]) -> tuple[type[Event], ...]:
    """Return the events that change a model's rows: those it folds, and those that rewrite what it folds."""
    return tuple(dict.fromkeys((*model.fold.events, *rewriting_types(model.fold.tag))))


def renames(model: ReadModel[Any], event: Event) -> bool:
    """Report whether an event begins or ends an alias of a model's tag."""
    alias = alias_of(type(event))
    return alias is not None and alias[0] == model.fold.tag


def rewrites_rows(model: ReadModel[Any], event: Event) -> bool:
    """Report whether an event may change all rows of its tag: by an alias, or by retracting what they rest on."""
    return renames(model, event) or takes_back(event, model.fold.events)


def _event(cls: type[Event]) -> tuple[Any, ...]:
    tagged = [(each.name, each.tag.kind, each.alias) for each in fields(cls) if each.tag]
    return avro_schema(cls, names()[cls]), str(tagged)


@cache
def contracts_digest() -> str:
    """Return the digest of the contracts of all events, in hex."""
    made = [avro_schema(cls, name) for name, cls in sorted(by_name().items())]
    return sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()


@cache
def rules_digest() -> str:
    """Return the digest of the code of all rules, rule data in it included and comments left out, in hex."""
    made = {name: ast.unparse(_tree(name)) for name in _reached("domain.catalogue")}
    return sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()


def _reached(module: str) -> Iterator[str]:
    """Yield a module and all modules of our own that it imports, directly or not."""
    seen, wanted = {module}, [module]
    while wanted:
        yield (current := wanted.pop())
        for inside, name in _imports(current).values():
            for each in (inside, f"{inside}.{name}"):
                if each in sys.modules and each not in seen:
                    seen.add(each)
                    wanted.append(each)


def _code(model: ReadModel[Any]) -> Iterator[str]:
    """Give all definitions that rows follow from, but for events: their contracts are in the digest."""
    sources: list[Any] = [model.row, model.fold.evolve, *([model.own_parts] if model.own_parts else [])]
    wanted = [(each.__module__, each.__name__) for each in sources]
    seen = set(wanted)
    while wanted:
        module, name = wanted.pop()
        node = _definitions(module).get(name)
        if node is None or (module, name) in _event_classes():
            continue
        yield f"{name}:{ast.unparse(node)}"
        for more in _named(module, node) - seen:
            seen.add(more)
            wanted.append(more)


@cache
def _event_classes() -> frozenset[tuple[str, str]]:
    """Return where all events are defined, `Event` itself included."""
    return frozenset((each.__module__, each.__name__) for cls in names() for each in cls.__mro__)


@cache
def _definitions(module: str) -> dict[str, ast.stmt]:
    """Return the definitions of a module by name."""
    found: dict[str, ast.stmt] = {}
    for node in _tree(module).body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found[name] = node
            case ast.Assign(targets=targets):
                found.update({each.id: node for each in targets if isinstance(each, ast.Name)})
            case ast.AnnAssign(target=ast.Name(id=name)):
                found[name] = node
    return found


@lru_cache(
    maxsize=1
)  # a module is asked for several times in a row, then never again; all trees would fill the memory
def _tree(module: str) -> ast.Module:
    """Return the code of a module without docstrings; a tree has no comments anyway."""
    tree: ast.Module = _Undocumented().visit(ast.parse(inspect.getsource(importlib.import_module(module))))
    return tree


@cache
def _imports(module: str) -> dict[str, tuple[str, str]]:
    """Return what a module imports from our own code, by the name that it has here."""
    return {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(_tree(module))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] in PURE
        for alias in node.names
    }


def _named(module: str, node: ast.stmt) -> set[tuple[str, str]]:
    used = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    imports = _imports(module)
    return {imports.get(name, (module, name)) for name in used}


class _Undocumented(ast.NodeTransformer):
    def visit(self, node: ast.AST) -> Any:
        self.generic_visit(node)
        documented = ast.FunctionDef | ast.ClassDef | ast.Module
        if isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        return node
