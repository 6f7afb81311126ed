"""The page of the reference with all labels, in every language side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from events.labels.table import Labels, labels

_HEAD = """# Labels

What contexts, events, read models, fields, words of enumerations and codes of refusals are called in English and in
Chinese. A field that means something else in a context, an event or a read model has another label there, under
`context.field` or `context.event.field`; so has a word in a field, under `field.word`. Where a language does not tell them
apart, its cell is empty: the label of the shorter name holds."""


def label_lines() -> Iterator[str]:
    """Return the lines of the page."""
    yield _HEAD
    english, chinese = labels("en"), labels("zh")
    for section in Labels.__struct_fields__:
        yield from ("", f"## {section.capitalize()}", "", "| name | English | 中文 |", "|---|---|---|")
        yield from _rows(getattr(english, section), getattr(chinese, section))


def _rows(english: Mapping[str, str], chinese: Mapping[str, str]) -> Iterator[str]:
    for name in sorted({*english, *chinese}):
        yield f"| `{name}` | {english.get(name, '')} | {chinese.get(name, '')} |"
