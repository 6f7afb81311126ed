"""`pujiang history`: the events of the log."""

from __future__ import annotations

import json

from rich.table import Column, Table

from adapters.cli.settings import existing
from adapters.cli.terminal import console, errors, fail, print_json, to_seconds
from adapters.run.site import site
from adapters.wire.cloudevent import to_cloudevents
from events.catalogue import by_name
from events.entry import key
from streams.ports import Selection


def history(
    *,
    tag: list[str] | None,
    person: str | None,
    type: list[str] | None,  # noqa: A002 - the word that users know
    source: str | None,
    after: int,
    limit: int,
    backwards: bool,
    as_json: bool,
) -> None:
    """Print the events that are selected."""
    for name in type or ():
        if name not in by_name():
            raise fail(f"there is no event type {name}: the types are {', '.join(sorted(by_name()))}", 2)
    tags = [*(tag or ()), *([f"person:{person}"] if person else ())]
    for each in tags:
        if not all(each.partition(":")):
            raise fail(f"{each!r} is not a tag: give KIND:VALUE, such as school:s-1", 2)
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
            print_json(event)
        return
    if not found:
        errors.print("no events")
        return
    table = Table("position", "occurred", Column("event", overflow="fold"))
    for event in found:
        data = json.dumps(event["data"], ensure_ascii=False)
        table.add_row(
            str(event["position"]),
            to_seconds(event["time"]),
            f"{event['type']} from {event['source']}\n{data}",
        )
    console.print(table)
