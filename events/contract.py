"""What follows from an event class: its fields, its tags and its Avro contract. Nothing is listed twice."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cache
from operator import add, attrgetter
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from events.event import (
    ENVELOPE,
    Alias,
    Calendar,
    Cites,
    Erases,
    Event,
    Personal,
    Retracts,
    Tag,
    Tags,
    YearOf,
)

M = TypeVar("M")
Schema = dict[str, Any]

PLAIN = {str: "string", int: "long", bool: "boolean", float: "double", bytes: "bytes"}
"""The Avro type of each plain type."""


class Field(Struct, frozen=True):
    """One field of an event class, or of a record inside one, with its marks."""

    name: str
    base: Any
    optional: bool
    default: Any
    meta: tuple[Meta, ...] = ()
    tag: Tag | None = None
    alias: Alias | None = None
    personal: Personal | None = None
    cites: Cites | None = None
    tags: Tags | None = None
    retracts: Retracts | None = None
    erases: Erases | None = None
    calendar: Calendar | None = None
    year_of: YearOf | None = None

    @property
    def sent(self) -> Field:
        """The field as a publisher sends it: a personal one is in clear, of the type that its mark names."""
        if self.personal is None:
            return self
        base, _, marks = _unwrap(self.personal.sent_as)
        return msgspec.structs.replace(
            self, base=base, meta=(*_metas(marks), *self.meta), calendar=_mark(marks, Calendar)
        )

    @property
    def required(self) -> bool:
        """Whether a publisher must provide the field."""
        return self.default is msgspec.NODEFAULT


@cache
def fields(cls: type[Struct]) -> tuple[Field, ...]:
    """Return the fields of an event class or record in order, without the envelope."""
    hints = get_type_hints(cls, include_extras=True)
    return tuple(
        _field(each, hints[each.name])
        for each in msgspec.structs.fields(cls)
        if not (each.name in ENVELOPE and issubclass(cls, Event))
    )


def _field(info: msgspec.structs.FieldInfo, hint: Any) -> Field:
    base, optional, marks = _unwrap(hint)
    default = info.default
    if info.default_factory is not msgspec.NODEFAULT:
        default = info.default_factory()
    return Field(
        name=info.name,
        base=base,
        optional=optional,
        default=default,
        meta=_metas(marks),
        tag=_mark(marks, Tag),
        alias=_mark(marks, Alias),
        personal=_mark(marks, Personal),
        cites=_mark(marks, Cites),
        tags=_mark(marks, Tags),
        retracts=_mark(marks, Retracts),
        erases=_mark(marks, Erases),
        calendar=_mark(marks, Calendar),
        year_of=_mark(marks, YearOf),
    )


def _metas(marks: tuple[Any, ...]) -> tuple[Meta, ...]:
    return tuple(each for each in marks if isinstance(each, Meta))


def _unwrap(hint: Any) -> tuple[Any, bool, tuple[Any, ...]]:
    """Return the type behind an annotation, whether it allows None, and its marks at every level."""
    if get_origin(hint) is Annotated:
        inner, *marks = get_args(hint)
        base, optional, more = _unwrap(inner)
        return base, optional, (*more, *marks)
    if get_origin(hint) in (Union, UnionType):
        members = [each for each in get_args(hint) if each is not NoneType]
        if len(members) != 1:
            msg = f"a contract allows no union except with None: {hint}"
            raise TypeError(msg)
        base, _, marks_ = _unwrap(members[0])
        return base, True, marks_
    if get_origin(hint) is list:
        item, _, marks_ = _unwrap(get_args(hint)[0])
        return list[item], False, marks_  # type: ignore[valid-type]
    return hint, False, ()


def _mark(marks: tuple[Any, ...], kind: type[M]) -> M | None:
    found = [mark for mark in marks if isinstance(mark, kind)]
    return found[-1] if found else None


@cache
def tag_fields(cls: type[Event]) -> tuple[Field, ...]:
    """Return the fields that make tags, the subject first."""
    return tuple(each for each in fields(cls) if each.tag)


@cache
def personal_fields(cls: type[Event]) -> tuple[Field, ...]:
    """Return the fields of personal data."""
    return tuple(each for each in fields(cls) if each.personal)


@cache
def _tagger(cls: type[Event]) -> Callable[[Event], tuple[str, ...]]:
    marked = tag_fields(cls)
    whole = tuple(each.name for each in fields(cls) if each.tags)
    prefixes = [f"{each.tag.kind}:" for each in marked if each.tag]
    single = not whole and all(each.base is str and not each.optional for each in marked)
    if single and len(set(prefixes)) == len(prefixes) > 1:
        # The common case in one go: each field makes exactly one tag, and no two can be equal.
        values = attrgetter(*(each.name for each in marked))
        return lambda event: tuple(map(add, prefixes, values(event)))
    return _any_tagger(marked, whole)


def _any_tagger(marked: Sequence[Field], whole: Sequence[str]) -> Callable[[Event], tuple[str, ...]]:
    parts = [(f"{each.tag.kind}:", attrgetter(each.name)) for each in marked if each.tag]
    parts += [("", attrgetter(each)) for each in whole]

    def tags(event: Event) -> tuple[str, ...]:
        made: list[str] = []
        for prefix, get in parts:
            value = get(event)
            if isinstance(value, list):
                made.extend(prefix + each for each in value)
            elif value is not None:
                made.append(prefix + value)
        return tuple(dict.fromkeys(made)) if len(made) > 1 else tuple(made)

    return tags


def tags(event: Event) -> tuple[str, ...]:
    """Return the distinct tags of an event, the subject first."""
    return _tagger(type(event))(event)


def whole_tags(event: Event) -> Sequence[str]:
    """Return the tags that an event lists in full, which are those of another event."""
    return [tag for each in fields(type(event)) if each.tags for tag in getattr(event, each.name)]


class Citation(Struct, frozen=True):
    """One citation of an event: the citing field and its mark, the identity (source, id), and the stated type, if any."""

    field: str
    mark: Cites
    identity: tuple[str, str]
    stated: str | None = None


@cache
def citing_fields(cls: type[Event]) -> tuple[tuple[str, Cites], ...]:
    """Return the fields that name other events, each with its mark."""
    return tuple((each.name, each.cites) for each in fields(cls) if each.cites)


def citations(event: Event) -> Sequence[Citation]:
    """Return the citations of an event, in the order of its fields."""
    found = []
    for name, mark in citing_fields(type(event)):
        if (value := getattr(event, name)) is not None:
            source, _, identity = value.rpartition("#")
            stated = mark.kind and getattr(event, mark.kind)
            found.append(Citation(name, mark, (source, identity), stated))
    return found


def cited(event: Event) -> Collection[tuple[str, str]]:
    """Return the identities (source, id) of the events that an event cites."""
    return [each.identity for each in citations(event)] if citing_fields(type(event)) else ()


def avro_schema(cls: type[Event], name: str) -> Schema:
    """Return the Avro contract of an event class: plain types, personal fields as bytes.

    `name` is the wire name, `roll.StudentEnrolled`; it becomes namespace and name of the record.
    """
    namespace, _, short = name.rpartition(".")
    made = _avro_fields(cls, set())
    return {"type": "record", "name": short, "namespace": f"pujiang.{namespace}", "fields": made}


def _avro_fields(cls: type[Struct], named: set[str]) -> list[Schema]:
    return [_avro_field(each, named) for each in fields(cls)]


def _avro_field(field: Field, named: set[str]) -> Schema:
    kind = "bytes" if field.personal else _avro_type(field.base, named)
    made: Schema = {"name": field.name, "type": ["null", kind] if field.optional else kind}
    if not field.required:
        made["default"] = msgspec.to_builtins(field.default)
    return made


def _avro_type(base: Any, named: set[str]) -> Any:
    if base in PLAIN:
        return PLAIN[base]
    if get_origin(base) is Literal:
        return "string"
    if get_origin(base) is list:
        return {"type": "array", "items": _avro_type(get_args(base)[0], named)}
    if isinstance(base, type) and issubclass(base, Struct):
        # Avro defines a record once; later uses name it.
        if base.__name__ in named:
            return base.__name__
        named.add(base.__name__)
        return {"type": "record", "name": base.__name__, "fields": _avro_fields(base, named)}
    msg = f"a contract has no type for {base}"
    raise TypeError(msg)


def summary(documented: type | Callable[..., Any]) -> str:
    """Return the first paragraph of a docstring as one line, for the reference and OpenAPI."""
    return " ".join((documented.__doc__ or documented.__name__).split("\n\n")[0].split())
