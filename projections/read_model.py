"""Read models: one table each, whose rows are folds of the log and of nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from operator import attrgetter
from typing import Any, Generic, TypeVar, get_args, get_type_hints

import msgspec
from msgspec import Struct

from events.alias import alias_types
from events.contract import summary, tags
from events.event import Event
from events.fold import Fold, Removed, may_remove

R = TypeVar("R", bound=Struct)
Key = tuple[Any, ...]


class OfDay(Struct, frozen=True):
    """Marks a key field: every event of the row occurred on this day of Shanghai.

    To fold one row, no more of a history need be read than what occurred on that day.
    """


class ReadModel(Generic[R]):
    """A table of rows of one class, each folded from the events that carry its first key field as a tag.

    The docstring of `row` is the model's description. Its first fields, those without a default, are the
    key: the tag's value, then the event's fields of the same names (a day, a grade). Instead of those
    fields, `parts` may yield a tuple for each row of the tag that an event changes, or `parts_of`, which is
    given the tag's value too, if an event changes different rows of each of its values. `filter` and `sort`
    name the fields that queries may use besides the key; each `filter` field is indexed.

    `anytime` names the event types whose effect does not depend on when they are taken, such as a count: at
    any place in a history they lead to the same rows.
    """

    __slots__ = (
        "_day",
        "anytime",
        "bound",
        "filter",
        "fold",
        "key",
        "name",
        "own_parts",
        "parts",
        "parts_of",
        "removes",
        "row",
        "sort",
    )

    def __init__(
        self,
        name: str,
        tag: str,
        row: type[R],
        evolve: Callable[[R, Any], Removed | None],
        *,
        parts: Callable[[Any], Iterable[Key]] | None = None,
        parts_of: Callable[[Any, str], Iterable[Key]] | None = None,
        anytime: tuple[type[Event], ...] = (),
        filter: tuple[str, ...] = (),  # noqa: A002 - the word that queries use
        sort: tuple[str, ...] = (),
    ) -> None:
        self.name, self.row = name, row
        self.fold: Fold[R] = Fold(tag, row, evolve)
        self.key = tuple(each.name for each in msgspec.structs.fields(row) if each.required)
        self._day = self._marked(OfDay)
        self.filter, self.sort, self.anytime = filter, sort, frozenset(anytime)
        self.bound = frozenset(self.fold.events) - self.anytime
        """The event types that are folded in the order of what occurred: all but those of `anytime`."""
        self.removes = bool(self.bound) and may_remove(evolve)
        """Whether rows can be removed; when their last event occurred has to be known even then."""
        self.own_parts, self.parts_of = parts or parts_of, parts_of
        self._check()
        self.parts = parts or (None if parts_of else fields_as_parts(self.key[1:]))

    def _check(self) -> None:
        unknown = {*self.filter, *self.sort} - set(self.row.__struct_fields__)
        if self.own_parts is None:
            lacking = (each for each in self.key[1:] for cls in self.fold.events if not hasattr(cls, each))
            unknown.update(lacking)
        if unknown or not self.key or (len(self.key) == 1 and self.own_parts):
            msg = f"read model {self.name}: key {self.key}, unknown fields {sorted(unknown)}"
            raise TypeError(msg)
        if self.parts_of and (self.own_parts is not self.parts_of or alias_types(self.fold.tag)):
            # An event in the history of an alias does not carry the value that the alias stands for.
            raise TypeError(f"read model {self.name}: `parts_of` goes neither with `parts` nor with aliases")
        if foreign := sorted(each.__name__ for each in self.anytime.difference(self.fold.events)):
            raise TypeError(f"read model {self.name}: its fold does not take {', '.join(foreign)}")

    def _marked(self, mark: type[Struct]) -> int | None:
        """Return the place of the key field with a mark."""
        hints = get_type_hints(self.row, include_extras=True)
        marked = [any(isinstance(each, mark) for each in get_args(hints[name])) for name in self.key]
        return marked.index(True) if True in marked else None

    def day_of(self, key: Key) -> str | None:
        """Return the day on which all events of a row occurred, None if they may have occurred on any."""
        return None if self._day is None else key[self._day]

    @property
    def description(self) -> str:
        """The first paragraph of the row class's docstring."""
        return summary(self.row)

    def keys(self, event: Event) -> list[Key]:
        """Return the keys of the rows that an event changes."""
        return [key for value in tag_values(event, self.fold.tag) for key in self.keys_of(value, event)]

    def keys_of(self, value: str, event: Event) -> list[Key]:
        """Return the keys of the rows of a value of the tag that an event changes."""
        if self.parts_of:
            return [(value, *part) for part in self.parts_of(event, value)]
        return [(value, *part) for part in self.parts(event)] if self.parts else [(value,)]

    def columns(self) -> dict[str, Any]:
        """Return the type of each field of a row, without its annotations."""
        return get_type_hints(self.row)


def fields_as_parts(names: tuple[str, ...]) -> Callable[[Any], Iterable[Key]] | None:
    """Return what takes fields of an event as the parts of a key, None if there are no names.

    It can be sent to another process, as read models are.
    """
    if not names:
        return None
    return partial(_field if len(names) == 1 else _fields, attrgetter(*names))


def _field(get: Callable[[Any], Any], event: Event) -> tuple[Key]:
    return ((get(event),),)


def _fields(get: Callable[[Any], Key], event: Event) -> tuple[Key]:
    return (get(event),)


def tag_values(event: Event, kind: str) -> list[str]:
    """Return the distinct values of an event's tags of a kind."""
    prefix = f"{kind}:"
    return [tag.removeprefix(prefix) for tag in tags(event) if tag.startswith(prefix)]
