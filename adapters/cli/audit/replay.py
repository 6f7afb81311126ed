"""`pujiang replay`: fold or judge the log again, and compare."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import typer

from adapters.cli.audit.differences import ReplayFinding, as_json_line, as_lines
from adapters.cli.models import models_named
from adapters.cli.settings import existing
from adapters.cli.terminal import console, errors, fail, progress
from adapters.clock import now
from adapters.door.rule_file import RuleFileFault, read_rules
from adapters.run.parts import open_parts
from adapters.run.site import Site, database, site
from domain.catalogue import REVISIONS, RULES
from events.clock import day as day_of
from events.event import Event
from projections.read_model import ReadModel
from streams.history.aliases import Aliases
from streams.history.past import Past, past_at
from streams.project.bulk import OnProgress
from streams.recheck.compare import compare
from streams.recheck.rejudge import ChangedVerdict, Rejudge
from streams.recheck.replay import Outdated
from streams.recheck.replay import replay as replayed
from streams.recheck.touched import touched_since
from streams.recheck.what_if import Identity, Imagined


def replay(
    *,
    models: list[str] | None,
    known_at: int | None,
    true_at: int | None,
    rules: Path | None,
    verdicts: bool,
    without: list[str] | None,
    day: str | None,
    processes: int,
    as_json: bool,
) -> None:
    """Print what differs."""
    wanted = models_named(models)
    again, past = bool(rules or verdicts or without), known_at is not None or true_at is not None
    if again and past:
        raise fail("give either --rules, --verdicts or --without, or a time to compare with, not both", 2)
    on = _day(day)
    if again:
        found = _judged_again(wanted, rules, _identities(without), on)
    elif past:
        found = _since(wanted, known_at, true_at, on)
    else:
        found = _beside(wanted, processes)
    _report(found, len(wanted), on, as_json=as_json)


def _beside(models: list[ReadModel[Any]], processes: int) -> Iterator[ReplayFinding]:
    with database(existing()) as opened:
        parts = partial(open_parts, opened.url)
        try:
            with progress("replaying") as (bar, task):
                yield from replayed(parts, models, processes=processes, progress=_progress(bar, task))
        except Outdated as error:
            raise fail(str(error)) from error


def _since(
    models: list[ReadModel[Any]], known_at: int | None, true_at: int | None, day: str
) -> Iterator[ReplayFinding]:
    with site(existing()) as opened, progress("replaying") as (bar, task):
        log, codec, upto = opened.log, opened.codec, opened.log.head()
        touched = touched_since(
            log, codec, upto, known_at=known_at, true_at=true_at, progress=_progress(bar, task)
        )
        tags = Aliases.load(log, codec, upto).under_all_names(touched)
        then = past_at(log, codec, known_at=known_at, true_at=true_at, upto=upto)
        yield from compare(models, tags, then, Past(log, codec, upto=upto), day)


def _judged_again(
    models: list[ReadModel[Any]], rules: Path | None, without: list[Identity], day: str
) -> Iterator[ReplayFinding]:
    with site(existing()) as opened:
        log, codec = opened.log, opened.codec
        if missing := set(without) - log.find(without).keys():
            raise fail(f"the log has no event {'#'.join(min(missing))}")
        substitutes = _substitutes(opened, rules)
        walk = Rejudge(log, codec, RULES, substitutes=substitutes, without=without, revisions=REVISIONS)
        with progress("judging") as (bar, task):
            yield from walk.run(_progress(bar, task))
        tags = Aliases.load(log, codec, walk.upto).under_all_names(walk.touched)
        imagined = Imagined(log, codec, walk.world, walk.upto)
        yield from compare(models, tags, Past(log, codec, upto=walk.upto), imagined, day)


def _substitutes(opened: Site, rules: Path | None) -> list[Event]:
    if rules is None:
        return []
    try:
        return read_rules(rules, opened.codec, opened.sealer)
    except RuleFileFault as error:
        *others, last = str(error).splitlines()
        for each in others:
            fail(each)
        raise fail(last, 2) from error


def _progress(bar: Any, task: Any) -> OnProgress:
    return lambda done, total: bar.update(task, completed=done, total=total)


def _identities(without: list[str] | None) -> list[Identity]:
    found = [(source, id_) for source, _, id_ in (each.rpartition("#") for each in without or ())]
    if any(not all(each) for each in found):
        raise fail("name an event by its source and its id: --without SOURCE#ID", 2)
    return found


def _day(text: str | None) -> str:
    try:
        return date.fromisoformat(text).isoformat() if text else day_of(now())
    except ValueError as error:
        raise fail(f"--day is {text!r}: give a date such as 2024-09-01", 2) from error


def _report(found: Iterator[ReplayFinding], models: int, day: str, *, as_json: bool) -> None:
    verdicts, rows = 0, set()
    for each in found:
        if isinstance(each, ChangedVerdict):
            verdicts += 1
        else:
            rows.add((each.model, each.key))
        for line in [as_json_line(each)] if as_json else as_lines(each, day):
            console.print(line, soft_wrap=True)
    summary = f"{models} read models replayed, {len(rows)} rows differ"
    if verdicts:
        summary = f"{verdicts} events would not be admitted; {summary}"
    (errors if as_json else console).print(summary, soft_wrap=True)
    if verdicts or rows:
        raise typer.Exit(1)
