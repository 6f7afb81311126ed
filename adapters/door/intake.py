"""Intake: turns the data of one event class into the values of its fields. It is compiled from the contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, get_args, get_origin

import msgspec
from msgspec import Struct

from adapters.wire.all_faults import all_faults
from adapters.wire.bad_input import UNREADABLE, BadInput, Fault, bad, unreadable
from events.contract import Field, fields, personal_fields
from events.event import Event, Hashed, Personal
from events.identity_number import reveals_identity
from events.wire import wire_type

Conversion = Callable[[Any], Any]
Hash = Callable[[str], str]

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
REVEALING = (
    "there is a national identity number (公民身份号码) in this text, which would stay in clear for ever"
)
_LEAST, _MOST = -(2**63), 2**63 - 1


class Intake:
    """Reads the data of one event class. Personal fields stay in clear: they are sealed once per request."""

    __slots__ = (
        "_convert",
        "_decode",
        "_hash",
        "_hashed",
        "_perhaps_owned",
        "_wire",
        "_years",
        "cls",
        "personal",
    )

    def __init__(self, cls: type[Event], hash_document: Hash) -> None:
        self.cls = cls
        self.personal = _owned(cls)
        self._wire = wire_type(cls)
        self._decode = msgspec.json.Decoder(self._wire).decode
        self._convert = _conversions(cls)
        self._hash = hash_document
        self._hashed = tuple(
            (each.name, each.tag.hashed) for each in fields(cls) if each.tag and each.tag.hashed
        )
        self._years = tuple((each.name, each.year_of.field) for each in fields(cls) if each.year_of)
        perhaps = {each.name for each in fields(cls) if each.optional}
        self._perhaps_owned = tuple((name, mark.of) for name, mark in self.personal if mark.of in perhaps)

    def read(self, data: msgspec.Raw | bytes) -> dict[str, Any]:
        """Return the fields' values. Raises UNREADABLE, and BadInput with a pointer into the data."""
        values = msgspec.structs.asdict(self._decode(data))
        for name, convert in self._convert:
            values[name] = _at(name, convert, values[name])
        for name, mark in self._hashed:
            if values[name] is not None:
                values[name] = self._hash(_normal(name, mark, values))
        for name, date_ in self._years:
            _check_year(name, values[name], date_, values[date_])
        for name, owner in self._perhaps_owned:
            _check_owner(name, values[name], owner, values[owner])
        return values

    def faults(self, data: msgspec.Raw | bytes) -> list[Fault]:
        """Return all that is wrong with data that `read` refuses, each with a pointer into it."""
        try:
            sent = msgspec.json.decode(data)
        except UNREADABLE as error:
            return list(unreadable(error).faults)
        found = list(all_faults(sent, self._wire))
        values = self._sound(sent, found) if isinstance(sent, dict) else {}
        return found + [fault for check in self._checks(values) for fault in _faults_of(check)]

    def _sound(self, sent: dict[str, Any], found: list[Fault]) -> dict[str, Any]:
        """Return the values of the fields without faults; what converting them finds is added."""
        values = {
            each.name: msgspec.convert(sent[each.name], each.type) if each.name in sent else _default(each)
            for each in msgspec.structs.fields(self._wire)
            if (each.name in sent or not each.required)
            and not any(f"{fault.pointer}/".startswith(f"/{each.name}/") for fault in found)
        }
        for name, convert in self._convert:
            if name in sent and name in values:
                try:
                    values[name] = _at(name, convert, values[name])
                except BadInput as error:
                    found.extend(error.faults)
                    del values[name]
        return values

    def _checks(self, values: Mapping[str, Any]) -> Iterator[Callable[[], object]]:
        """Yield the checks of several fields whose values are all known."""
        for name, mark in self._hashed:
            if values.get(name) is not None and values.keys() >= set(mark.beside):
                yield partial(_normal, name, mark, values)
        for name, date_ in self._years:
            if name in values and date_ in values:
                yield partial(_check_year, name, values[name], date_, values[date_])
        for name, owner in self._perhaps_owned:
            if name in values and owner in values:
                yield partial(_check_owner, name, values[name], owner, values[owner])


def _normal(name: str, mark: Hashed, values: Mapping[str, Any]) -> str:
    try:
        return mark.form(values[name], *(values[each] for each in mark.beside))
    except ValueError as error:
        raise bad("invalid-document", str(error), f"/{name}") from error


def _check_year(name: str, year: int | None, date_: str, day: str | None) -> None:
    if year is not None and day is not None and int(day[:4]) != year:
        raise bad("invalid", f"it is not the year of '{date_}'", f"/{name}")


def _faults_of(check: Callable[[], object]) -> Sequence[Fault]:
    try:
        check()
    except BadInput as error:
        return error.faults
    return ()


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return field.default if field.default is not msgspec.NODEFAULT else field.default_factory()


def _check_owner(name: str, value: object, owner: str, person: object) -> None:
    if value is not None and person is None:
        raise bad("invalid", f"it is personal data of '{owner}', which is null", f"/{name}")


def _owned(cls: type[Event]) -> tuple[tuple[str, Personal], ...]:
    """Return the personal fields with their marks. Raises TypeError if one may have several owners."""
    owners = {each.name for each in fields(cls) if each.base is str}
    owned = tuple((each.name, each.personal) for each in personal_fields(cls) if each.personal)
    for name, mark in owned:
        if mark.of not in owners:
            raise TypeError(
                f"{cls.__name__}.{name} is personal, but '{mark.of}' names several persons, or none"
            )
    return owned


def _at(place: str | int, convert: Conversion, value: Any) -> Any:
    try:
        return convert(value)
    except BadInput as error:
        raise error.under(f"/{place}") from error


def _conversions(cls: type[Struct]) -> tuple[tuple[str, Conversion], ...]:
    made = ((each.name, _conversion(each)) for each in fields(cls))
    return tuple((name, convert) for name, convert in made if convert)


def _conversion(field: Field) -> Conversion | None:
    """Return a function from what was sent to the field's value, None if they are the same."""
    many = get_origin(field.base) is list
    convert = _one(field.sent, get_args(field.base)[0] if many else field.base)
    if convert is None:
        return None
    if many:
        convert = _each(convert)
    return _unless_none(convert) if field.optional else convert


def _one(field: Field, kind: Any) -> Conversion | None:
    if field.calendar:
        return _day
    if field.personal or (field.tag and field.tag.hashed):
        return None
    if isinstance(kind, type) and issubclass(kind, Struct):
        return _record(kind)
    if kind is str:
        return clear_text
    return _long if kind is int and not _bounded(field) else None


def clear_text(value: str) -> str:
    """Return text that stays in clear. Raises BadInput if a national identity number is in it."""
    if reveals_identity(value):
        raise bad("identity-number", REVEALING)
    return value


def _bounded(field: Field) -> bool:
    below = any(each.ge is not None or each.gt is not None for each in field.meta)
    return below and any(each.le is not None or each.lt is not None for each in field.meta)


def _record(kind: type[Struct]) -> Conversion:
    for each in fields(kind):
        if each.personal or (each.tag and each.tag.hashed):
            raise TypeError(
                f"{kind.__name__}.{each.name}: a record may have neither personal fields nor hashed tags"
            )
    conversions = _conversions(kind)

    def convert(value: Struct) -> Struct:
        values = msgspec.structs.asdict(value)
        for name, inner in conversions:
            values[name] = _at(name, inner, values[name])
        return kind(**values)

    return convert


def _each(convert: Conversion) -> Conversion:
    return lambda value: [_at(index, convert, item) for index, item in enumerate(value)]


def _unless_none(convert: Conversion) -> Conversion:
    return lambda value: None if value is None else convert(value)


def _day(value: date) -> str:
    if not FIRST_DAY <= value <= LAST_DAY:
        raise bad("invalid", f"the date is not between {FIRST_DAY} and {LAST_DAY}")
    return value.isoformat()


def _long(value: int) -> int:
    if not _LEAST <= value <= _MOST:
        raise bad("invalid", "the number has more than 64 bits")
    return value
