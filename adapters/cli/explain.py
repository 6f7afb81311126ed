"""`pujiang explain`: which event set each field of a row."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Column, Table

from adapters.cli.options import AsJson, KnownAt, TrueAt, model_named, to_seconds
from adapters.cli.settings import existing
from adapters.cli.terminal import console, fail, print_json
from adapters.run.site import site
from adapters.wire.explained import as_object
from events.extensions import KEPT
from projections.read_model import ReadModel
from streams.history.explain import explain as explained


def explain(
    model: Annotated[str, typer.Argument(help="A read model, such as students.")],
    key_: Annotated[
        list[str], typer.Argument(metavar="KEY", help="The key of the row, one part after the other.")
    ],
    *,
    known_at: KnownAt = None,
    true_at: TrueAt = None,
    as_json: AsJson = False,
) -> None:
    """Show which event last set each field of a row. Of each event: position, both times, and source."""
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
        table.add_row(name, str(each["value"]), _origin(each["set_by"]))
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
