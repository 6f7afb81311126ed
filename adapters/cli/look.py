"""`pujiang history`, `explain` and `status`: look at the log and at what follows from it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any

import msgspec
import typer
from rich.markup import escape
from rich.table import Column, Table

from adapters.cli.app import KnownAt, TrueAt, console, errors, existing, fail
from adapters.kafka.inbox.state import inbox_figures
from adapters.kafka.relay.state import relay_figures
from adapters.postgres.read.store import open_parts
from adapters.run.site import database, site
from adapters.wire.cloudevent import to_cloudevents
from adapters.wire.explained import as_object
from events.catalogue import by_name
from events.clock import instant
from events.entry import key
from projections.catalogue import READ_MODELS
from projections.read_model import ReadModel
from streams.history.explain import explain as explained
from streams.ports import Selection
from streams.read_ports import Walked

PAGE = 1000

AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of a table.")]


def history(
    *,
    tag: Annotated[
        list[str] | None, typer.Option(help="kind:value; all that are given must be there.")
    ] = None,
    person: Annotated[str | None, typer.Option(help="Short for --tag person:NUMBER.")] = None,
    type: Annotated[list[str] | None, typer.Option(help="roll.StudentEnrolled; any of those given.")] = None,  # noqa: A002 - the word that users know
    source: Annotated[str | None, typer.Option(help="Of this publisher.")] = None,
    after: Annotated[int, typer.Option(min=0, help="Only what comes after this position.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=PAGE, help="At most so many events.")] = 100,
    backwards: Annotated[bool, typer.Option(help="The newest first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show events of the log, in order. Personal fields are opened with the keys of the data home."""
    for name in type or ():
        if name not in by_name():
            raise fail(f"there is no event type {name}; the types are: {', '.join(sorted(by_name()))}", 2)
    tags = [*(tag or ()), *([f"person:{person}"] if person else ())]
    for each in tags:
        if not all(each.partition(":")):
            raise fail(f"a tag is kind:value, such as school:s-1, and not {each!r}", 2)
    with site(existing()) as opened:
        selection = Selection(
            tags=tuple(map(key, tags)),
            types=tuple(map(key, type or ())),
            source=None if source is None else key(source),
            after=after,
            limit=limit,
            backwards=backwards,
        )
        events = opened.codec.decode_all(opened.log.select(selection))
        found = to_cloudevents(events, opened.sealer.open_batch)
    if as_json:
        for event in found:
            typer.echo(msgspec.json.encode(event))
        return
    if not found:
        errors.print("no events", highlight=False)
        return
    table = Table("position", "occurred", Column("event", overflow="fold"))
    for event in found:
        data = json.dumps(event["data"], ensure_ascii=False)
        table.add_row(
            str(event["position"]),
            _seconds(event["time"]),
            f"{event['type']} from {event['source']}\n{escape(data)}",
        )
    console.print(table)


def model_named(name: str) -> ReadModel[Any]:
    """Return a read model; what does not exist is told with what does."""
    for each in READ_MODELS:
        if each.name == name:
            return each
    known = ", ".join(sorted(each.name for each in READ_MODELS))
    raise fail(f"there is no read model {name}; the read models are: {known}", 2)


def explain(
    model: Annotated[str, typer.Argument(help="A read model, such as students.")],
    key_: Annotated[list[str], typer.Argument(metavar="KEY...", help="The row's key, part by part.")],
    *,
    known_at: KnownAt = None,
    true_at: TrueAt = None,
    as_json: AsJson = False,
) -> None:
    """Tell which event last set each field of a row: its position, both its times and its source."""
    found_model = model_named(model)
    if len(key_) != len(found_model.key):
        raise fail(f"the key of {model} has the parts: {', '.join(found_model.key)}", 2)
    parts = tuple(_part(found_model, *each) for each in zip(found_model.key, key_, strict=True))
    with site(existing()) as opened:
        found = explained(opened.log, opened.codec, found_model, parts, known_at=known_at, true_at=true_at)
        fields = as_object(found or {}, opened.sealer.open_batch)
    if found is None:
        then = "" if known_at is None and true_at is None else " then"
        raise fail(f"{model} {'had' if then else 'has'} no row {'/'.join(key_)}{then}")
    if as_json:
        body = {"model": model, "key": dict(zip(found_model.key, parts, strict=True)), "fields": fields}
        typer.echo(msgspec.json.encode(body))
        return
    table = Table("field", Column("value", overflow="fold"), Column("set by", overflow="fold"))
    for name, each in fields.items():
        table.add_row(name, escape(str(each["value"])), _origin(each["set_by"]))
    console.print(table)


def _origin(origin: dict[str, Any] | None) -> str:
    if origin is None:
        return ""
    occurred, recorded = (_seconds(origin[name]) for name in ("occurred_at", "recorded_at"))
    return (
        f"{origin['type']} at {origin['position']}\nfrom {origin['source']}\n"
        f"occurred {occurred}\nrecorded {recorded}"
    )


def _seconds(when: datetime | str) -> str:
    """Return a time to the second, in UTC."""
    at = datetime.fromisoformat(when) if isinstance(when, str) else when
    return f"{at:%Y-%m-%d %H:%M:%SZ}"


def _part(model: ReadModel[Any], name: str, text: str) -> str | int:
    """Read a part of a key."""
    if model.columns()[name] is not int:
        return text
    try:
        return int(text)
    except ValueError as error:
        raise fail(f"{name} is {text!r}, which is no whole number", 2) from error


def status(*, as_json: AsJson = False) -> None:
    """Tell the size of the log, what each read model lags and holds back, and in how many parts; how far inbox and relay are."""
    settings = existing()
    with database(settings) as base, open_parts(base.url) as parts:
        head, live, walked = parts.log.head(), parts.store.live(), parts.store.walked()
        bus = {
            "inbox": inbox_figures(parts.log, settings.kafka),
            "relay": relay_figures(parts.log, settings.kafka),
        }
        held = {each.name: len(parts.store.held(each.name)) for each in READ_MODELS}
        figures: dict[str, Any] = {"log": {"id": parts.log.id, "size": head}, "projections": {}}
    for each in READ_MODELS:
        position = live[each.name].position if each.name in live else 0
        figures["projections"][each.name] = {
            "position": position,
            "lag": head - position,
            "held": held[each.name],
            "partitions": live[each.name].partitions if each.name in live else 1,
        }
    figures.update((name, found) for name, found in bus.items() if found)
    figures["shadow"] = _shadow(walked)
    if as_json:
        typer.echo(msgspec.json.encode(figures))
        return
    console.print(f"log {figures['log']['id']}: {head} events")
    for name, figure in bus.items():
        if figure:
            parted = ", ".join(f"{value} {part}" for part, value in figure.items())
            console.print(f"{name}: {figure.get('fault', parted)}", highlight=False, soft_wrap=True)
    table = Table("read model", "position", "lag", "held", "partitions")
    for name, row in figures["projections"].items():
        table.add_row(name, *map(str, row.values()))
    console.print(table)
    if walked:
        ended, differing = figures["shadow"]["round_ended"], len(walked.differing)
        last = f"the last one ended {_seconds(ended)}" if ended else "none is over yet"
        console.print(f"shadow check: {walked.share:.0%} of this round, {last}; {differing} rows differ")


def _shadow(walked: Walked | None) -> dict[str, Any] | None:
    """Return how far the shadow check is, as it is told."""
    if walked is None:
        return None
    ended = None if walked.round_ended is None else instant(walked.round_ended)
    differing = [{"model": model, "key": key} for model, key in walked.differing]
    return {"share": walked.share, "round_ended": ended, "differing": differing}
