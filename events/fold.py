"""The fold: the one concept that rules and read models share."""

from __future__ import annotations

from collections.abc import Callable
from types import UnionType
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

from events.event import Event

S = TypeVar("S")


class Removed:
    """The type of `REMOVED`, which `evolve` returns when its row ceases to exist; the next event starts a new one."""


REMOVED = Removed()


def accepted(function: Callable[..., Any], parameter: str = "event") -> tuple[type[Event], ...]:
    """Return the event types that a function's signature accepts for `parameter`.

    Raises TypeError if the annotation names anything else.
    """
    hint = get_type_hints(function)[parameter]
    types = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    if not all(isinstance(each, type) and issubclass(each, Event) for each in types):
        msg = f"{function.__qualname__}: '{parameter}' accepts {hint}, which is not made of events"
        raise TypeError(msg)
    return types


def may_remove(function: Callable[..., Any]) -> bool:
    """Return whether a function may return REMOVED, as its signature says."""
    hint = get_type_hints(function).get("return")
    return Removed in (get_args(hint) or (hint,))


class Fold(Generic[S]):
    """State folded from the events that carry one tag of kind `tag`; the signature of `evolve` names them.

    `start(value)` makes the starting state for a tag's value, which is the state's first field (a read
    model's row is given its further key parts too). `evolve(state, event)` changes the state in place or
    returns REMOVED; apart from that it is pure: no clock, no I/O, no input but its arguments. An `evolve`
    that several contexts share accepts any event; `events` then names them.

    With `steps`, its events are steps of one course, each of which rests on those before it: one that arrives late is
    admitted only if those that follow it still hold.
    """

    __slots__ = ("events", "evolve", "start", "steps", "tag")

    def __init__(
        self,
        tag: str,
        start: Callable[..., S],
        evolve: Callable[[S, Any], Removed | None],
        events: tuple[type[Event], ...] = (),
        *,
        steps: bool = False,
    ) -> None:
        self.tag, self.start, self.evolve, self.steps = tag, start, evolve, steps
        self.events = events or accepted(evolve)

    @property
    def name(self) -> str:
        """The name of `evolve`, for messages."""
        return self.evolve.__name__
