"""The grammar of all queries: the parameters after the question mark, and their meaning.

field=value  field[gte]=value  field[lte]=value  field[in]=a,b     filter rows; `field[eq]` if a parameter is called as the field
sort=-field,field   fields=a,b   limit=100   cursor=...            sort, select fields, page
known_at=time   true_at=time   on=day                              as it was known, as it was, with figures of a day
wait_for=position   sealed=true                                    read your own writes; leave data sealed
sum=field   by=field,field                                         add up instead of listing
evidence=true                                                      add what the answer rests on
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, NoReturn, cast
from urllib.parse import parse_qsl

from adapters.http.protocol.problems import Problem
from adapters.postgres.serve.query import PLAIN, Filter, Operator, Query
from adapters.postgres.serve.tables import LiveTable
from events.clock import read_start, read_time

LARGEST_LIMIT = 1000
"""Items a page at most: a page is made in memory, and larger amounts have `/export`."""

MOST_PARAMETERS = 100
"""Parameters of a query at most: no sensible query has more, and parsing must stay cheap."""

MOST_VALUES = 1000
"""Values of `[in]` at most, as many as a page has items."""

LARGEST_INTEGER = 2**63 - 1
"""What a bigint of PostgreSQL holds."""

OPERATORS = ("eq", "gte", "lte", "in")
ITEM_OPTIONS = ("fields", "known_at", "true_at", "wait_for", "on", "sealed", "evidence")
LIST_OPTIONS = ("sort", "limit", "cursor", "sum", "by", *ITEM_OPTIONS)


def refuse(name: str, detail: str, **more: Any) -> NoReturn:
    """Raise the problem of one parameter: 400."""
    raise Problem(400, "bad-parameter", "Bad parameter", detail, parameter=name, **more)


def pairs(query: bytes) -> list[tuple[str, str]]:
    """Parse a query string."""
    try:
        return parse_qsl(
            query.decode("latin-1"), keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS
        )
    except UnicodeDecodeError:
        refuse("", "the query is not UTF-8")
    except ValueError:
        refuse("", f"a query may have at most {MOST_PARAMETERS} parameters")


def parse(query: bytes, live: LiveTable, options: Iterable[str], *, filters: bool) -> Query:
    """Parse a query about a model; `options` are its parameters other than the fields to filter by."""
    if not query:
        return PLAIN
    given: dict[str, Any] = {}
    chosen: list[Filter] = []
    for name, value in pairs(query):
        field, operator = _operator(name)
        if name in options:
            if name in given:
                refuse(name, f"{name} is given twice")
            given[name] = _OPTIONS[name](name, value, live)
        elif filters and operator and field in live.filterable:
            chosen.append(_filter(field, operator, value, live))
        else:
            _unknown(name, live, options, filters=filters)
    if "by" in given and "sum" not in given:
        refuse("by", "by needs sum: sum=field&by=field", summable=live.summable)
    return Query(filters=tuple(chosen), **given)


def read_options(query: bytes, parsers: Mapping[str, Callable[[str, str], Any]]) -> dict[str, Any]:
    """Parse parameters that each may be given once."""
    given: dict[str, Any] = {}
    for name, text in pairs(query):
        if name not in parsers:
            refuse(name, f"unknown parameter {name!r}", parameters=sorted(parsers))
        if name in given:
            refuse(name, f"{name} is given twice")
        given[name] = parsers[name](name, text)
    return given


def _operator(name: str) -> tuple[str, Operator | None]:
    field, bracket, rest = name.partition("[")
    if not bracket:
        return field, "eq"
    operator = rest.removesuffix("]")
    if rest.endswith("]") and operator in OPERATORS:
        return field, cast("Operator", operator)
    return field, None


def _unknown(name: str, live: LiveTable, options: Iterable[str], *, filters: bool) -> NoReturn:
    more: dict[str, Any] = {"parameters": sorted(options)}
    if filters:
        more |= {"filters": live.filterable, "operators": OPERATORS}
    refuse(name, f"unknown parameter {name!r} of {live.name}", **more)


def _filter(field: str, operator: Operator, text: str, live: LiveTable) -> Filter:
    kind = live.columns[field]
    if kind == "json":
        refuse(field, f"{field} is a nested value and cannot be filtered by")
    if kind == "sealed" and operator in ("gte", "lte"):
        refuse(f"{field}[{operator}]", f"{field} is sealed and can only be compared for equality")
    texts = text.split(",") if operator == "in" else [text]
    if len(texts) > MOST_VALUES:
        refuse(f"{field}[in]", f"give at most {MOST_VALUES} values")
    return Filter(field, operator, tuple(value(field, each, live) for each in texts))


def value(field: str, text: str, live: LiveTable) -> Any:
    """Parse a value of a field."""
    kind = live.columns[field]
    if kind == "integer":
        return integer(field, text, least=-LARGEST_INTEGER)
    if kind == "boolean":
        return boolean(field, text)
    if kind == "number":
        return _number(field, text)
    return plain(field, text)


def plain(name: str, text: str) -> str:
    """Return text unless PostgreSQL cannot store it."""
    if "\0" in text:
        refuse(name, f"{name} contains the character NUL")
    return text


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        refuse(name, f"{name} is {text!r}: give a number")


def integer(name: str, text: str, least: int = 0) -> int:
    """Parse an integer."""
    digits = text.removeprefix("-") if least < 0 else text
    if not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(LARGEST_INTEGER))):
        refuse(name, f"{name} is {text!r}: give an integer")
    if not least <= int(text) <= LARGEST_INTEGER:
        refuse(name, f"{name} is {text}: give a number from {least} to {LARGEST_INTEGER}")
    return int(text)


def boolean(name: str, text: str) -> bool:
    """Parse `true` or `false`."""
    if text not in ("true", "false"):
        refuse(name, f"{name} is {text!r}: give true or false")
    return text == "true"


def day(name: str, text: str) -> str:
    """Parse a date."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        refuse(name, f"{name} is {text!r}: give a date such as 2024-09-01")


def time(name: str, text: str) -> int:
    """Parse a time; a day means its end in Shanghai."""
    return _read(read_time, name, text)


def start(name: str, text: str) -> int:
    """Parse the time from which something is wanted; a day means its beginning in Shanghai."""
    return _read(read_start, name, text)


def _read(read: Callable[[str], int], name: str, text: str) -> int:
    try:
        # A plus sign that was not percent-encoded arrives as a space.
        return read(f"{text[:-6]}+{text[-5:]}" if text[-6:-5] == " " else text)
    except (ValueError, OverflowError):
        refuse(name, f"{name} is {text!r}: give a time such as 2024-09-01T12:00:00Z, or a date")


def limit(name: str, text: str) -> int:
    """Parse the number of items a page."""
    if not 1 <= (wanted := integer(name, text)) <= LARGEST_LIMIT:
        refuse(name, f"{name} is {wanted}: give a number from 1 to {LARGEST_LIMIT}")
    return wanted


def _names(name: str, text: str, known: Iterable[str]) -> tuple[str, ...]:
    known = tuple(known)
    asked = tuple(dict.fromkeys(text.split(",")))
    for each in asked:
        if each not in known:
            refuse(name, f"unknown field {each!r} in {name}", fields=known)
    return asked


def _sort(name: str, text: str, live: LiveTable) -> tuple[tuple[str, bool], ...]:
    wanted = text.split(",")
    names = _names(name, ",".join(each.removeprefix("-") for each in wanted), live.sortable)
    if len(names) != len(wanted):
        refuse(name, "a field is given twice")
    return tuple((each.removeprefix("-"), each.startswith("-")) for each in wanted)


_OPTIONS: Mapping[str, Callable[[str, str, LiveTable], Any]] = {
    "sort": _sort,
    "fields": lambda name, text, live: _names(name, text, live.columns),
    "limit": lambda name, text, _: limit(name, text),
    "cursor": lambda _, text, __: text,
    "known_at": lambda name, text, _: time(name, text),
    "true_at": lambda name, text, _: time(name, text),
    "wait_for": lambda name, text, _: integer(name, text),
    "on": lambda name, text, _: day(name, text),
    "sealed": lambda name, text, _: boolean(name, text),
    "evidence": lambda name, text, _: boolean(name, text),
    "sum": lambda name, text, live: _names(name, text, live.summable),
    "by": lambda name, text, live: _names(name, text, live.groupable),
}
