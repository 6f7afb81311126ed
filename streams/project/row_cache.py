"""The row cache: the rows of one read model that were used lately, and which of them have changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import islice
from operator import attrgetter
from typing import Any, TypeAlias, get_origin

import msgspec

from events.contract import tag_fields
from events.event import Event
from projections.read_model import Key, ReadModel, tag_values
from streams.read_ports import Line

KeysOf: TypeAlias = Callable[[Any], Iterable[Key]]
"""Returns the keys of the rows that an event changes."""
ValueOf: TypeAlias = Callable[[Any], str]
"""Returns the tag value that is the whole key of the one row that an event changes."""

LINE_BYTES = 350
"""Measured memory of a row beside its values: the key, slots of dictionaries, objects."""
VALUE_FACTOR = 2
"""Measured: values take twice as many bytes in memory as encoded."""
SAMPLE = 10
"""Rows encoded to estimate the size of all."""


def only_value_of(model: ReadModel[Any], cls: type[Event]) -> ValueOf | None:
    """Return a function from an event of a class to its row's key, if one tag field is the whole key; else None."""
    return _value_of(model, cls) if len(model.key) == 1 else None


def keys_of(model: ReadModel[Any], cls: type[Event]) -> KeysOf:
    """Return a function from an event of a class to the keys of its rows: `ReadModel.keys`, made fast."""
    get, parts, of_value = _value_of(model, cls), model.parts, model.keys_of
    if get is None:
        return model.keys
    if parts is None:
        return lambda event: of_value(get(event), event)

    def keys(event: Event) -> list[Key]:
        value = get(event)
        return [(value, *part) for part in parts(event)]

    return keys


def _value_of(model: ReadModel[Any], cls: type[Event]) -> ValueOf | None:
    tagged = [each for each in tag_fields(cls) if each.tag and each.tag.kind == model.fold.tag]
    if len(tagged) != 1 or tagged[0].optional or get_origin(tagged[0].base) is list:
        return None
    return attrgetter(tagged[0].name)


class RowCache:
    """The rows of one read model, in two generations: `rotate` drops those not used since the last rotation.

    A key whose value is None is known to have no row; a line without one, to have had a row that was removed.
    """

    __slots__ = ("_model", "_old", "changed", "young")

    def __init__(self, model: ReadModel[Any]) -> None:
        self._model = model
        self.young: dict[Key, Line | None] = {}
        self._old: dict[Key, Line | None] = {}
        self.changed: dict[Key, None] = {}

    def missing(self, keys: Iterable[Key]) -> list[Key]:
        """Return those of the keys that are not in memory; make the others young again."""
        young, old, missing = self.young, self._old, []
        for key in keys:
            if key not in young:
                if key in old:
                    young[key] = old.pop(key)
                else:
                    missing.append(key)
        return missing

    def put(self, keys: Iterable[Key], found: Mapping[Key, Line]) -> None:
        """Add what the store has under these keys."""
        get, young = found.get, self.young
        for key in keys:
            young[key] = get(key)

    def replace(self, values: Collection[str], lines: Mapping[Key, Line], known: Iterable[Key]) -> None:
        """Replace all rows of values of the tag, those in memory and the `known` ones of the store, by `lines`."""
        cached: Iterable[Key] = ()
        if self._model.parts:
            cached = [key for rows in (self.young, self._old) for key in rows if key[0] in values]
        self.put_changed({key: lines.get(key) for key in {*known, *cached, *lines}})

    def put_changed(self, lines: Mapping[Key, Line | None]) -> None:
        """Replace single rows."""
        for key, line in lines.items():
            self._old.pop(key, None)
            self.young[key] = line
            self.changed[key] = None

    def take_changed(self, most: int | None = None) -> tuple[list[Line], dict[Key, int | None]]:
        """Return the rows to write, and the keys to delete with `at` of removed rows, and count them as unchanged.

        They are at most `most` together.
        """
        lines, gone = list[Line](), dict[Key, int | None]()
        taken = list(islice(self.changed, most))
        for key in taken:
            line = self.young[key]
            if line is None:
                gone[key] = None
                continue
            line.changed = False
            if line.row is None:
                gone[key] = line.at
            else:
                lines.append(line)
        if len(taken) == len(self.changed):
            self.changed.clear()
        for key in taken if self.changed else ():
            del self.changed[key]
        return lines, gone

    def write_again(self, lines: Iterable[Line]) -> None:
        """Count rows as changed again, unless they have been replaced since."""
        for line in lines:
            key = tuple([getattr(line.row, field) for field in self._model.key])
            if self.young.get(key) is line:
                line.changed = True
                self.changed[key] = None

    def rotate(self) -> None:
        """Drop the rows that were not used since the last rotation. None may have changed."""
        self._old, self.young = self.young, {}

    def clear(self) -> None:
        """Drop all rows."""
        self.young, self._old = {}, {}
        self.changed.clear()

    def bytes(self) -> int:
        """Estimate the memory of the young rows from a sample of them."""
        count = len(self.young)
        if not count:
            return 0
        sample = [
            line.row for line, _ in zip(self.young.values(), range(SAMPLE), strict=False) if line and line.row
        ]
        values = sum(len(msgspec.msgpack.encode(row)) for row in sample)
        return count * (LINE_BYTES + VALUE_FACTOR * values // max(1, len(sample)))


def values_of(model: ReadModel[Any], event: Event) -> list[str]:
    """Return the values of a model's tag that an event carries."""
    return tag_values(event, model.fold.tag)
