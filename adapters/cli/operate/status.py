"""`pujiang status`: how far the log and everything that follows it are, in a few lines if all is well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from adapters.cli.settings import existing
from adapters.cli.terminal import console, print_json, to_seconds
from adapters.clock import ClockSight
from adapters.kafka.inbox.state import inbox_figures
from adapters.kafka.relay.state import relay_figures
from adapters.postgres.log.clock import last_sight
from adapters.run.parts import open_parts
from adapters.run.settings import Settings
from adapters.run.site import database
from events.clock import instant
from projections.catalogue import READ_MODELS
from streams.read_ports import Parts, Walked

LATE = 10_000
"""Events that a read model may be behind before that is worth a table: about a second of publishing at full speed."""


def status(*, all_: bool, as_json: bool) -> None:
    """Print the figures."""
    settings = existing()
    with database(settings) as base, open_parts(base.url) as parts:
        sight = last_sight(base.url)
        figures = _figures(settings, parts)
    figures["clock"] = "not looked at yet" if sight is None else sight.sentence
    if as_json:
        print_json(figures)
    else:
        _show(figures, sight, all_=all_)


def _figures(settings: Settings, parts: Parts) -> dict[str, Any]:
    found = {"log": {"id": parts.log.id, "size": parts.log.head()}, "projections": _models(parts)}
    bus = {
        "inbox": inbox_figures(parts.log, settings.kafka),
        "relay": relay_figures(parts.log, settings.kafka),
    }
    found.update((name, figures) for name, figures in bus.items() if figures)
    return {**found, "shadow": _shadow(parts.store.walked())}


def _models(parts: Parts) -> dict[str, dict[str, int]]:
    head, live = parts.log.head(), parts.store.live()
    with parts.store.transaction() as store:
        marked = {each.name: len(store.marks(each.name)) for each in READ_MODELS}
    found = {}
    for each in READ_MODELS:
        position = live[each.name].position if each.name in live else 0
        found[each.name] = {
            "position": position,
            "lag": head - position,
            "held": len(parts.store.held(each.name)),
            "refolding": marked[each.name],
            "partitions": live[each.name].partitions if each.name in live else 1,
        }
    return found


def _shadow(walked: Walked | None) -> dict[str, Any] | None:
    """Return how far the shadow check is, None if it has never run."""
    if walked is None:
        return None
    ended = None if walked.round_ended is None else instant(walked.round_ended)
    differing = [{"model": model, "key": key} for model, key in walked.differing]
    return {"share": walked.share, "round_ended": ended, "differing": differing}


def _show(figures: Mapping[str, Any], sight: ClockSight | None, *, all_: bool) -> None:
    console.print(f"log {figures['log']['id']}: {figures['log']['size']} events")
    if sight is not None and sight.doubted_since is not None:
        console.print(f"clock: {sight.sentence}", soft_wrap=True)
    for name in ("inbox", "relay"):
        if figure := figures.get(name):
            parted = ", ".join(f"{value} {part}" for part, value in figure.items())
            console.print(f"{name}: {figure.get('fault', parted)}", soft_wrap=True)
    _show_models(figures["projections"], all_=all_)
    if shadow := figures["shadow"]:
        last = (
            f"the last round ended {to_seconds(shadow['round_ended'])}"
            if shadow["round_ended"]
            else "no round has ended yet"
        )
        share, differing = shadow["share"], len(shadow["differing"])
        console.print(f"shadow check: {share:.0%} of this round done; {last}; {differing} rows differ")


def _show_models(models: Mapping[str, Mapping[str, int]], *, all_: bool) -> None:
    """Show one line over all read models, and a table if one of them needs a look."""
    behind = max(each["lag"] for each in models.values())
    console.print(f"{len(models)} read models, at most {behind} events behind")
    if all_ or any(map(_needs_a_look, models.values())):
        table = Table("read model", "position", "lag", "held", "refolding", "partitions")
        for name, row in models.items():
            table.add_row(name, *map(str, row.values()))
        console.print(table)


def _needs_a_look(row: Mapping[str, int]) -> bool:
    """Return whether a read model is not there, is late, or holds events back."""
    return row["position"] == 0 < row["lag"] or row["lag"] > LATE or row["held"] > 0
