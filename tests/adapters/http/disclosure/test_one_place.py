"""Rows, events and opened fields leave through `adapters/http/disclosure` alone, which is always told who asks."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import adapters.http
from adapters.http.disclosure.events import LogEvents
from adapters.http.disclosure.fields import SealedFields
from adapters.http.disclosure.histories import RowHistories
from adapters.http.disclosure.messages import RefusedMessages
from adapters.http.disclosure.records import Records
from adapters.http.disclosure.rows import CurrentRows

HTTP = Path(adapters.http.__file__).parent
OUTSIDE = sorted(each for each in HTTP.rglob("*.py") if each.parent.name != "disclosure")
CONTEXT = HTTP / "context.py"
HANDLERS, OBSERVE = HTTP / "handlers.py", HTTP / "observe.py"

ALLOWED: Mapping[str, set[str]] = {
    "adapters.http.disclosure.fields": set(),
    "adapters.http.disclosure.records": {"Records", "RowValues"},
    "adapters.keys": {"KeyStoreUnavailable"},
    "adapters.postgres.log": set(),
    "adapters.postgres.refused": {"RefusedQuery"},
    "adapters.postgres.serve.live_rows": set(),
    "adapters.postgres.serve.figures": {"ModelFigures", "model_figures", "shadow_figures"},
    "adapters.postgres.serve.pool": {"DatabaseUnavailable", "pool"},
    "adapters.postgres.serve.tables": {"KINDS", "Kind", "LiveTable", "NoSuchModel", "NotBuilt"},
    "adapters.wire.cloudevent": {"BATCH", "BINARY", "HEADER", "JSON_TYPE", "STRUCTURED", "is_json"},
    "adapters.wire.explained": set(),
    "adapters.wire.refused": set(),
    "streams.erasure": {"NotErased", "ErasurePending"},
    "streams.history": {"TooLongToFold", "rewrites_rows", "subscription"},
    "streams.ports": {"LogUnavailable", "Selection", "Undecodable"},
    "streams.read_ports": {"Line"},
}
"""Of packages that can give something out, what modules outside the room may import: nothing that reads or opens."""

_POOL = {"adapters.postgres.serve.pool.Pool", "adapters.postgres.serve.tables.LiveTables"}
NEEDED: Mapping[Path, set[str]] = {
    CONTEXT: {"streams.ports.Log", "streams.ports.Codec", "adapters.http.disclosure.fields.Opener"},
    HANDLERS: {"adapters.postgres.serve.tables.LiveTables"},
    OBSERVE: _POOL,
}
"""The exceptions: what the application is made of, and who counts."""

OPENING = {"open", "open_batch", "opener", "destructions"}

GIVE_NOTHING = {
    "check_current",
    "decoded",
    "encode",
    "evidence_records",
    "head",
    "position_at",
    "unopened",
    "records",
    "version",
}
"""Methods that hand on nothing that the caller has not been given already."""


def imported(path: Path) -> Iterator[tuple[str, str]]:
    """Yield what a module imports: the package, and the name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", each.name) for each in node.names)
        elif isinstance(node, ast.Import):
            yield from ((each.name, "*") for each in node.names)


def attributes(path: Path) -> list[str]:
    found = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return [each.attr for each in found if isinstance(each, ast.Attribute)]


def forbidden(path: Path) -> list[str]:
    """Return what a module outside the room imports that could give something out."""
    return [
        f"{package}.{name}"
        for package, name in imported(path)
        for room, names in ALLOWED.items()
        if f"{package}.{name}.".startswith(f"{room}.") and name not in names
    ]


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: str(path.relative_to(HTTP)))
def test_nothing_outside_can_read_or_open(path: Path) -> None:
    assert set(forbidden(path)) == NEEDED.get(path, set())
    assert set(attributes(path)) & OPENING == ({"opener"} if path == HANDLERS else set())


def test_the_opener_and_the_codec_are_handed_on_once() -> None:
    found = attributes(HANDLERS)
    assert (found.count("opener"), found.count("codec")) == (1, 1)


def test_a_caller_is_made_in_one_function() -> None:
    calls = [
        path.name
        for path in HTTP.rglob("*.py")
        for each in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id == "Caller"
    ]
    assert calls == ["caller.py"]


@pytest.mark.parametrize(
    "room", [SealedFields, CurrentRows, RowHistories, LogEvents, RefusedMessages, Records]
)
def test_whatever_gives_out_is_told_who_asks(room: type) -> None:
    methods = {name: each for name, each in vars(room).items() if inspect.isfunction(each) and name[0] != "_"}
    told = {
        name
        for name, each in methods.items()
        if [each.annotation for each in inspect.signature(each).parameters.values()][1:2] == ["Caller"]
    }
    assert told
    assert set(methods) - told <= GIVE_NOTHING
