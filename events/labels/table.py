"""The labels of contexts, events, fields, words, read models and codes of refusals, read from `<language>.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct

Language: TypeAlias = Literal["en", "zh"]
Table: TypeAlias = Mapping[str, str]


class Labels(Struct, frozen=True, forbid_unknown_fields=True):
    """All labels in one language. `fields` are those of events and, as columns, those of read models."""

    contexts: Table
    events: Table
    models: Table
    fields: Table
    words: Table
    codes: Table

    def field(self, owner: str, name: str) -> str | None:
        """Return the label of a field of an event or read model: its own, that of its context, or that of the name.

        `owner` begins with the context: `roll.StudentEnrolled`, `roll.students`. A record has its owner's labels.
        """
        return _first(self.fields, f"{owner}.{name}", f"{owner.partition('.')[0]}.{name}", name)

    def word(self, field: str, word: str) -> str | None:
        """Return the label of a word of an enumeration: its own in this field, or that of the word."""
        return _first(self.words, f"{field}.{word}", word)


def _first(table: Table, *keys: str) -> str | None:
    return next((table[key] for key in keys if key in table), None)


@cache
def labels(language: Language) -> Labels:
    """Return the labels in a language."""
    text = files(__package__).joinpath(f"{language}.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Labels)
