"""The one grammar of all queries: what may stand behind the question mark, and what it means.

field=value  field[gte]=value  field[lte]=value  field[in]=a,b     choose rows
sort=-field,field   fields=a,b   limit=100   cursor=...            arrange, shorten and page
known_at=time   true_at=time   on=day                              as it was known, as it was, as of a day
wait_for=position   sealed=true                                    see what you wrote; leave data sealed
sum=field   by=field,field                                         add up instead of listing
evidence=true                                                      and tell what the answer rests on
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, NoReturn, cast
from urllib.parse import parse_qsl

from adapters.http.protocol.problems import Problem
from adapters.postgres.serve.query import PLAIN, Filter, Operator, Query
from adapters.postgres.serve.tables import LiveTable
from events.clock import read_time

LARGEST_LIMIT = 1000
MOST_PARAMETERS = 100
MOST_VALUES = 1000
LARGEST_INTEGER = 2**63 - 1

ITEM_OPTIONS = ("fields", "known_at", "true_at", "wait_for", "on", "sealed", "evidence")
LIST_OPTIONS = ("sort", "limit", "cursor", "sum", "by", *ITEM_OPTIONS)


def refuse(name: str, detail: str, **more: Any) -> NoReturn:
    """Answer 400 about one parameter."""
    raise Problem(400, "bad-parameter", "Bad parameter", detail, parameter=name, **more)


def pairs(query: bytes) -> list[tuple[str, str]]:
    """Take a query string apart."""
    try:
        return parse_qsl(
            query.decode("latin-1"), keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS
        )
    except UnicodeDecodeError:
        refuse("", "the query is not UTF-8")
    except ValueError:
        refuse("", f"a query has at most {MOST_PARAMETERS} parameters")


def parse(query: bytes, live: LiveTable, options: Iterable[str], *, filters: bool) -> Query:
    """Read a query about a model; `options` are the names that it knows besides the fields to choose by."""
    if not query:
        return PLAIN
    told: dict[str, Any] = {}
    chosen: list[Filter] = []
    for name, value in pairs(query):
        field, operator = _operator(name)
        if name in options:
            if name in told:
                refuse(name, f"{name} stands twice")
            told[name] = _OPTIONS[name](name, value, live)
        elif filters and operator and field in live.filterable:
            chosen.append(_filter(field, operator, value, live))
        else:
            _unknown(name, live, options, filters=filters)
    if "by" in told and "sum" not in told:
        refuse("by", "by goes with sum: sum=field&by=field", summable=live.summable)
    return Query(filters=tuple(chosen), **told)


def read_options(query: bytes, parsers: Mapping[str, Callable[[str, str], Any]]) -> dict[str, Any]:
    """Read parameters that each may be given once."""
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
    if rest.endswith("]") and operator in ("gte", "lte", "in"):
        return field, cast("Operator", operator)
    return field, None


def _unknown(name: str, live: LiveTable, options: Iterable[str], *, filters: bool) -> NoReturn:
    more: dict[str, Any] = {"parameters": sorted(options)}
    if filters:
        more |= {"filters": live.filterable, "operators": ("gte", "lte", "in")}
    refuse(name, f"{live.name} knows no parameter {name!r}", **more)


def _filter(field: str, operator: Operator, text: str, live: LiveTable) -> Filter:
    kind = live.columns[field]
    if kind == "json":
        refuse(field, f"{field} is no plain value to choose by")
    if kind == "sealed" and operator in ("gte", "lte"):
        refuse(f"{field}[{operator}]", f"{field} is sealed: only equal values can be found")
    texts = text.split(",") if operator == "in" else [text]
    if len(texts) > MOST_VALUES:
        refuse(f"{field}[in]", f"at most {MOST_VALUES} values")
    return Filter(field, operator, tuple(value(field, each, live) for each in texts))


def value(field: str, text: str, live: LiveTable) -> Any:
    """Read a field's value from text."""
    kind = live.columns[field]
    if kind == "integer":
        return integer(field, text, least=-LARGEST_INTEGER)
    if kind == "boolean":
        return boolean(field, text)
    if kind == "number":
        return _number(field, text)
    return plain(field, text)


def plain(name: str, text: str) -> str:
    """Read text that a database can hold."""
    if "\0" in text:
        refuse(name, f"{name} has a NUL character, which no text here has")
    return text


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        refuse(name, f"{name} is {text!r}, which is no number")


def integer(name: str, text: str, least: int = 0) -> int:
    """Read a whole number."""
    digits = text.removeprefix("-") if least < 0 else text
    if not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(LARGEST_INTEGER))):
        refuse(name, f"{name} is {text!r}, which is no whole number")
    if not least <= int(text) <= LARGEST_INTEGER:
        refuse(name, f"{name} is {text}: give a number from {least} to {LARGEST_INTEGER}")
    return int(text)


def boolean(name: str, text: str) -> bool:
    """Read `true` or `false`."""
    if text not in ("true", "false"):
        refuse(name, f"{name} is {text!r}: give true or false")
    return text == "true"


def day(name: str, text: str) -> str:
    """Read a date."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        refuse(name, f"{name} is {text!r}: give a date such as 2024-09-01")


def time(name: str, text: str) -> int:
    """Read an instant; a day means its end in Shanghai."""
    try:
        # A plus sign that was not escaped arrives as a space.
        return read_time(f"{text[:-6]}+{text[-5:]}" if text[-6:-5] == " " else text)
    except (ValueError, OverflowError):
        refuse(name, f"{name} is {text!r}: give a time such as 2024-09-01T12:00:00Z, or a date")


def limit(name: str, text: str) -> int:
    """Read how many are wanted at once."""
    if not 1 <= (wanted := integer(name, text)) <= LARGEST_LIMIT:
        refuse(name, f"{name} is {wanted}: give a number from 1 to {LARGEST_LIMIT}")
    return wanted


def _names(name: str, text: str, known: Iterable[str]) -> tuple[str, ...]:
    known = tuple(known)
    asked = tuple(dict.fromkeys(text.split(",")))
    for each in asked:
        if each not in known:
            refuse(name, f"{name} knows no field {each!r}", fields=known)
    return asked


def _sort(name: str, text: str, live: LiveTable) -> tuple[tuple[str, bool], ...]:
    wanted = text.split(",")
    names = _names(name, ",".join(each.removeprefix("-") for each in wanted), live.sortable)
    if len(names) != len(wanted):
        refuse(name, "a field stands twice")
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
