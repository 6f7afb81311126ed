"""Components: the values that aliases join, and the one value that stands for all of them."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from streams.read_ports import Renamed


class _Component(Struct):
    root: str
    members: dict[str, None]


class Components:
    """The aliases of one kind of tag: `into` has the value that each was merged into, as events say.

    When two components join, the members of the smaller one are relabelled, so that a chain of merges costs about the
    same whichever end it starts from. When one is parted, its members are labelled anew.
    """

    def __init__(self) -> None:
        self.into: dict[str, str] = {}
        self._components: dict[str, _Component] = {}

    def root(self, value: str) -> str:
        """Return the value that a value stands for: itself, unless it is an alias. A circle has one of its values."""
        found = self._components.get(value)
        return value if found is None else found.root

    def members(self, value: str) -> Collection[str]:
        """Return all values that aliases join with a value, itself included."""
        found = self._components.get(value)
        return (value,) if found is None else found.members

    def begin(self, value: str, into: str) -> None:
        """Make a value an alias of another one; if it was one already, it is so no longer."""
        self.end(value)
        self.into[value] = into
        self._join(value, into)

    def end(self, value: str) -> None:
        """Make a value stand for itself again."""
        if self.into.pop(value, None) is not None:
            members = self._components[value].members
            for each in members:
                del self._components[each]
            for each in members:
                if (into := self.into.get(each)) is not None:
                    self._join(each, into)

    def take(self, renamed: Renamed) -> None:
        """Let an alias begin or end."""
        if renamed.into is None:
            self.end(renamed.value)
        else:
            self.begin(renamed.value, renamed.into)

    def _join(self, value: str, into: str) -> None:
        small, large = self._component(value), self._component(into)
        if small is large:
            return  # a circle, which the rules refuse
        root = large.root
        if len(small.members) > len(large.members):
            small, large = large, small
        large.root = root
        large.members |= small.members
        self._components |= dict.fromkeys(small.members, large)

    def _component(self, value: str) -> _Component:
        found = self._components.get(value)
        if found is None:
            found = self._components[value] = _Component(value, {value: None})
        return found
