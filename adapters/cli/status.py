"""`pujiang status`: how far the log and everything that follows it are."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from adapters.cli.options import AsJson, to_seconds
from adapters.cli.settings import existing
from adapters.cli.terminal import console, print_json
from adapters.kafka.inbox.state import inbox_figures
from adapters.kafka.relay.state import relay_figures
from adapters.postgres.log.clock import last_sight
from adapters.run.parts import open_parts
from adapters.run.site import database
from events.clock import instant
from projections.catalogue import READ_MODELS
from streams.read_ports import Walked


def status(*, as_json: AsJson = False) -> None:
    """Show how far the log, the read models, the inbox and the relay are.

    For each read model that is its position and lag, how many events it holds back, how many of its rows are being
    folded again, and in how many partitions it is folded; also how far the shadow check is, and how many rows differ.
    """
    settings = existing()
    with database(settings) as base, open_parts(base.url) as parts:
        head, live, walked = parts.log.head(), parts.store.live(), parts.store.walked()
        bus = {
            "inbox": inbox_figures(parts.log, settings.kafka),
            "relay": relay_figures(parts.log, settings.kafka),
        }
        held = {each.name: len(parts.store.held(each.name)) for each in READ_MODELS}
        with parts.store.transaction() as store:
            marked = {each.name: len(store.marks(each.name)) for each in READ_MODELS}
        sight = last_sight(base.url)
        figures: dict[str, Any] = {"log": {"id": parts.log.id, "size": head}, "projections": {}}
    for each in READ_MODELS:
        position = live[each.name].position if each.name in live else 0
        figures["projections"][each.name] = {
            "position": position,
            "lag": head - position,
            "held": held[each.name],
            "refolding": marked[each.name],
            "partitions": live[each.name].partitions if each.name in live else 1,
        }
    figures.update((name, found) for name, found in bus.items() if found)
    figures["shadow"] = _shadow(walked)
    figures["clock"] = "not looked at yet" if sight is None else sight.sentence
    if as_json:
        print_json(figures)
        return
    console.print(f"log {figures['log']['id']}: {head} events")
    if sight is not None and sight.doubted_since is not None:
        console.print(f"clock: {sight.sentence}", soft_wrap=True)
    for name, figure in bus.items():
        if figure:
            parted = ", ".join(f"{value} {part}" for part, value in figure.items())
            console.print(f"{name}: {figure.get('fault', parted)}", soft_wrap=True)
    table = Table("read model", "position", "lag", "held", "refolding", "partitions")
    for name, row in figures["projections"].items():
        table.add_row(name, *map(str, row.values()))
    console.print(table)
    if walked:
        ended, differing = figures["shadow"]["round_ended"], len(walked.differing)
        last = f"the last round ended {to_seconds(ended)}" if ended else "no round has ended yet"
        console.print(f"shadow check: {walked.share:.0%} of this round done; {last}; {differing} rows differ")


def _shadow(walked: Walked | None) -> dict[str, Any] | None:
    """Return how far the shadow check is, None if it has never run."""
    if walked is None:
        return None
    ended = None if walked.round_ended is None else instant(walked.round_ended)
    differing = [{"model": model, "key": key} for model, key in walked.differing]
    return {"share": walked.share, "round_ended": ended, "differing": differing}
