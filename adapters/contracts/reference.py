"""The reference of events and read models in `docs/reference/`, made from the catalogues.

`python -m adapters.contracts.reference` (`make docs`) writes it; `--check` only reports which pages are stale.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import typer
from msgspec import Meta, Struct

import events
from adapters.contracts.codes import rules_of
from adapters.contracts.reference_labels import label_lines
from events import catalogue
from events.catalogue import names
from events.contract import Field, fields
from events.event import Cites, Event, Number
from events.labels.table import labels
from events.patterns import in_words
from projections import catalogue as projections
from projections.read_model import ReadModel

FOLDER = Path(events.__file__).parent.parent / "docs" / "reference"

_MADE = "<!-- Written by `make docs` from the catalogues; do not edit. -->"
_EVENTS_HEAD = """# Events

What a publisher sends in `data`, by context. A CloudEvent's `type` is the name at the head of each section. Fields
without a default are required. Tags connect an event with histories: the first one is the subject, and queries
(`GET /events?tag=person:p-1`), rules and read models find the event by them. Personal fields are text on the wire
and sealed behind the door; `[]` stands for each item of a list. How to send: [publishing](../publishing.md)."""
_MODELS_HEAD = """# Read models

What can be asked, by context: `GET /<model>` and `GET /<model>/<key>`. Every row also has `position`, that of the
event that last changed it. A row can be filtered and sorted by its key too. `[]` stands for each
item of a list, `{}` for each value of an object. The grammar: [querying](../querying.md)."""

_PLAIN = {
    str: "text",
    int: "integer",
    float: "number",
    bool: "boolean",
    bytes: "personal text",
    NoneType: "null",
}
_NUMBER = get_args(Number)[1]
_UNBOUND = 2**53
_KEY = "none but the key"

Lines = Iterator[str]


def pages() -> Mapping[str, str]:
    """Return the text of each page of the reference by its file name."""
    return {
        "events.md": _page(_events()),
        "read-models.md": _page(_models()),
        "labels.md": _page(label_lines()),
    }


def stale(folder: Path = FOLDER) -> list[str]:
    """Return the names of the pages that differ from the catalogues."""
    return [name for name, text in pages().items() if _read(folder / name) != text]


def write(folder: Path = FOLDER) -> None:
    """Write all pages."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _page(lines: Lines) -> str:
    return "\n".join((_MADE, "", *lines)).rstrip() + "\n"


def _events() -> Lines:
    yield _EVENTS_HEAD
    yield from _contents(
        {
            context: {cls.__name__: _anchor(_name(context, cls)) for cls in classes}
            for context, classes in catalogue.CONTEXTS.items()
        }
    )
    for context, classes in catalogue.CONTEXTS.items():
        yield from ("", f"## Context {context}")
        for cls in classes:
            yield from _event(_name(context, cls), cls)


def _name(context: str, cls: type[Event]) -> str:
    return f"{context}.{cls.__name__}"


def _contents(sections: Mapping[str, Mapping[str, str]]) -> Lines:
    """List the contents of a page by context, each name with its anchor."""
    for context, anchors in sections.items():
        links = ", ".join(f"[{name}](#{anchor})" for name, anchor in anchors.items())
        yield from ("", f"**{context}** ({len(anchors)}): {links}")


def _anchor(heading: str) -> str:
    """Return the anchor that Markdown renderers make from a heading."""
    return heading.lower().replace(".", "")


def _event(name: str, cls: type[Event]) -> Lines:
    yield from ("", f"### {name}", "", _paragraphs(cls), "")
    yield "| field | label | type | required | tag | about it |"
    yield "|---|---|---|---|---|---|"
    yield from _field_rows(name, cls, "")
    judging = rules_of(cls)
    if judging:
        yield from ("", "Rules:", "")
        yield from (
            f"- `{each.rule}`: {_cell(each.sentence)} Refuses with {_listed(each.codes)}." for each in judging
        )


def _field_rows(event: str, cls: type[Struct], inside: str) -> Lines:
    for each in fields(cls):
        required = "yes" if each.required else f"no: {_default(each.default)}"
        about = "; ".join(_about(each))
        label = labels("en").field(event, each.name)
        yield f"| `{inside}{each.name}` | {label} | {_kind_of(each)} | {required} | {_tag(each)} | {about} |"
        for record, path in _records(each.base, f"{inside}{each.name}"):
            yield from _field_rows(event, record, f"{path}.")


def _records(hint: Any, path: str) -> Iterator[tuple[type[Struct], str]]:
    """Give the record classes inside a type, each with the path to it."""
    if isinstance(hint, type) and issubclass(hint, Struct):
        yield hint, path
    steps = {list: "[]", dict: "{}"}
    for each in get_args(hint):
        yield from _records(each, path + steps.get(get_origin(hint), ""))


def _default(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case list() if not value:
            return "none"
        case str():
            return f"`{value}`" if value else "empty"
        case _:
            return f"{value}"


def _kind_of(field: Field) -> str:
    field = field.sent
    kind = "date" if field.calendar else _kind(field.base)
    if field.calendar and get_origin(field.base) is list:
        kind = "list: date"
    return f"{kind} or null" if field.optional else kind


def _kind(hint: Any) -> str:
    arguments = get_args(hint)
    match get_origin(hint):
        case None:
            return _PLAIN.get(hint, "record")
        case origin if origin is Literal:
            return ", ".join(f"`{each}`" for each in arguments)
        case origin if origin is list:
            return f"list: {_kind(arguments[0])}"
        case origin if origin is dict:
            return f"object: {_kind(arguments[1])} by {_kind(arguments[0])}"
        case origin if origin in (Union, UnionType):
            return " or ".join(map(_kind, arguments))
        case _:
            return _kind(arguments[0])  # Annotated: its marks are described elsewhere


def _tag(field: Field) -> str:
    if field.tag is None:
        return ""
    return f"`{field.tag.kind}`" + (" (keyed hash)" if field.tag.hashed else "")


def _about(field: Field) -> Lines:
    if field.personal:
        found = ", findable" if field.personal.findable else ""
        yield f"personal, of `{field.personal.of}`, sealed, kept as `{field.personal.retention}`{found}"
    if field.year_of:
        yield f"the year of `{field.year_of.field}`, if that is given"
    if field.cites:
        yield f"the identity of an event in the log, `source#id`{_cited(field.cites)}"
    if field.alias:
        does = "no longer another name of" if field.alias.ends else "from now on another name of"
        yield f"{does} `{field.alias.of}`"
    for meta in field.sent.meta:
        yield from _bounds(meta)


def _cited(mark: Cites) -> str:
    kind = f", whose type is in `{mark.kind}`" if mark.kind else ""
    types = f", of type {' or '.join(f'`{names()[each]}`' for each in mark.types)}" if mark.types else ""
    about = f", about the same {' and '.join(f'`{each}`' for each in mark.about)}" if mark.about else ""
    return kind + types + about


def _bounds(meta: Meta) -> Lines:
    if meta is _NUMBER:
        yield f"an identifier: at most {meta.max_length} letters, digits and `.` `_` `:` `-`"
        return
    if meta.description:
        yield _cell(meta.description)
    if meta.ge is not None or meta.le is not None:
        yield _range(meta.ge, None if meta.le == _UNBOUND else meta.le)
    if meta.min_length is not None or meta.max_length is not None:
        yield f"{_range(meta.min_length, meta.max_length)} characters"
    if meta.pattern:
        yield _cell(in_words(meta.pattern))


def _range(least: float | None, most: float | None) -> str:
    if least is None or most is None:
        return f"at least {least}" if most is None else f"at most {most}"
    return f"{least} to {most}"


def _models() -> Lines:
    yield _MODELS_HEAD
    yield from _contents(
        {
            context: {each.name: _anchor(each.name) for each in models}
            for context, models in projections.CONTEXTS.items()
        }
    )
    for context, models in projections.CONTEXTS.items():
        yield from ("", f"## Context {context}")
        for model in models:
            yield from _model(context, model)


def _model(context: str, model: ReadModel[Any]) -> Lines:
    yield from ("", f"### {model.name}", "", _paragraphs(model.row), "")
    yield f"- Address: `/{'/'.join((model.name, *(f'{{{each}}}' for each in model.key)))}`"
    yield f"- Filters: {_listed(model.filter) or _KEY}. Sorts: {_listed(model.sort) or _KEY}."
    if hasattr(model.row, "at"):
        yield "- `on=<day>` adds the figures as of a day."
    names = catalogue.names()
    yield f"- Folds, by `{model.fold.tag}`: {', '.join(_link(names[each]) for each in model.fold.events)}."
    yield from ("", "| column | label | type |", "|---|---|---|")
    yield from _columns(f"{context}.{model.name}", model.columns(), "")


def _columns(model: str, hints: Mapping[str, Any], inside: str) -> Lines:
    for name, hint in hints.items():
        yield f"| `{inside}{name}` | {labels('en').field(model, name)} | {_kind(hint)} |"
        for record, path in _records(hint, f"{inside}{name}"):
            yield from _columns(model, get_type_hints(record), f"{path}.")


def _link(name: str) -> str:
    return f"[{name}](events.md#{_anchor(name)})"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{each}`" for each in names)


def _paragraphs(cls: type) -> str:
    return inspect.cleandoc(cls.__doc__ or cls.__name__)


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def _main(*, check: bool = False) -> None:
    """Write the reference; with --check, only report which pages are stale."""
    if not check:
        write()
        return
    found = stale()
    for name in found:
        typer.echo(f"pujiang: docs/reference/{name} is stale: run 'make docs'", err=True)
    raise typer.Exit(1 if found else 0)


if __name__ == "__main__":
    typer.run(_main)
