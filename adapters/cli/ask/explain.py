"""`pujiang explain`: which event set each field of a row."""

from __future__ import annotations

from typing import Any

import msgspec
from rich.table import Column, Table

from adapters.cli.models import model_named
from adapters.cli.settings import existing
from adapters.cli.terminal import console, fail, print_json, to_seconds
from adapters.run.site import site
from adapters.wire.explained import as_object
from events.extensions import KEPT
from projections.read_model import ReadModel
from streams.history.explain import explain as explained


def explain(*, model: str, key_: list[str], known_at: int | None, true_at: int | None, as_json: bool) -> None:
    """Print the fields of a row, and what set them."""
    found_model = model_named(model)
    if len(key_) != len(found_model.key):
        raise fail(f"the key of {model} consists of {', '.join(found_model.key)}", 2)
    parts = tuple(_part(found_model, *each) for each in zip(found_model.key, key_, strict=True))
    with site(existing()) as opened:
        found = explained(opened.log, opened.codec, found_model, parts, known_at=known_at, true_at=true_at)
        fields = as_object(found or {}, opened.sealer.open_batch)
    if found is None:
        then = "" if known_at is None and true_at is None else " then"
        raise fail(f"{model} {'had' if then else 'has'} no row {'/'.join(key_)}{then}")
    if as_json:
        body = {"model": model, "key": dict(zip(found_model.key, parts, strict=True)), "fields": fields}
        print_json(body)
        return
    table = Table("field", Column("value", overflow="fold"), Column("set by", overflow="fold"))
    for name, each in fields.items():
        table.add_row(name, msgspec.json.encode(each["value"]).decode(), _origin(each["set_by"]))
    console.print(table)


def _origin(origin: dict[str, Any] | None) -> str:
    if origin is None:
        return ""
    occurred, recorded = (to_seconds(origin[name]) for name in ("occurred_at", "recorded_at"))
    extensions = "".join(f"\n{name} {origin[name]}" for name in KEPT if name in origin)
    return (
        f"{origin['type']} at {origin['position']}\nfrom {origin['source']}\n"
        f"occurred {occurred}\nrecorded {recorded}{extensions}"
    )


def _part(model: ReadModel[Any], name: str, text: str) -> str | int:
    """Read one part of a key."""
    if model.columns()[name] is not int:
        return text
    try:
        return int(text)
    except ValueError as error:
        raise fail(f"{name} is {text!r}, which is not a whole number", 2) from error
