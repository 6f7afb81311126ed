"""Fold live rows afresh from their own histories, however long those are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from events.entry import key
from projections.read_model import Key, ReadModel
from streams.history.aliases import Aliases
from streams.history.length import MOST_AT_ONCE, lengths
from streams.history.past import DecodedHistory, Past
from streams.history.refold import Refolded, refold_events
from streams.history.version import subscription
from streams.project.aside import Aside, Part
from streams.read_ports import Line, Parts

Afresh = Mapping[Key, tuple[Line | None, DecodedHistory]]
"""By key, the row and what it was folded from; nothing, if that was read in slices."""


def fold_afresh(
    parts: Parts, model: ReadModel[Any], keys: Sequence[Key], upto: int, held: Mapping[int, object]
) -> Afresh:
    """Fold rows of a model as of a position; `held` has the keys of the tags of which anything is held."""
    past = Past(parts.log, parts.codec, upto=upto)
    tags = {row[0]: f"{model.fold.tag}:{row[0]}" for row in keys}
    long = _long(parts, model, list(tags))
    short = {tag: subscription(model) for value, tag in tags.items() if value not in long}
    histories = past.apart(short) if short else {}
    whole = {
        value: refold_events(model, value, histories[tags[value]]) for value in tags if value not in long
    }
    found: dict[Key, tuple[Line | None, DecodedHistory]] = {}
    for row in keys:
        if row[0] in whole:
            found[row] = whole[row[0]].line(row), histories[tags[row[0]]]
        elif model.day_of(row) is not None and key(tags[row[0]]) not in held:
            history = past.of_row(model, row)
            found[row] = refold_events(model, row[0], history, [row]).line(row), history
    left: dict[str, list[Key]] = {}
    for row in keys:
        if row not in found:
            left.setdefault(row[0], []).append(row)
    aliases = Aliases.load(parts.log, parts.codec, upto) if left else Aliases()
    for value, rows in left.items():
        folded = Refolded({}, merged=True)
        if aliases.root(model.fold.tag, value) == value:
            aside = Aside(parts.log, parts.codec, aliases, value, [Part(model)])
            aside.run(upto)
            (folded,) = aside.results()
        found |= {row: (folded.line(row), DecodedHistory(())) for row in rows}
    return found


def _long(parts: Parts, model: ReadModel[Any], values: Sequence[str]) -> set[str]:
    counts = lengths(parts.log, [(model, each) for each in values], MOST_AT_ONCE)
    return {value for value, count in zip(values, counts, strict=True) if count > MOST_AT_ONCE}
