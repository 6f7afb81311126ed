"""The JSON format of CloudEvents 1.0: one event (structured mode), and batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from adapters.wire.all_faults import all_faults
from adapters.wire.bad_input import UNREADABLE, BadInput, Fault, unreadable
from adapters.wire.cloudevent import NO_DATA, TWO_DATA, Envelope
from adapters.wire.leap_second import held_in
from adapters.wire.members import members, repeated

LEAST_INTEGER, MOST_INTEGER = -(2**31), 2**31 - 1
"""The bounds of the type Integer of CloudEvents."""

_Extension = str | bool | Annotated[int, Meta(ge=LEAST_INTEGER, le=MOST_INTEGER)] | None
_NAMES = frozenset(Envelope.__struct_fields__)

_one = msgspec.json.Decoder(Envelope).decode
_many = msgspec.json.Decoder(list[Envelope]).decode


def from_json(body: bytes, place: str = "") -> Envelope:
    """Return one CloudEvent. Raises BadInput with all faults, and `place` before every pointer."""
    body = held_in(body)
    try:
        found = _one(body)
        _check(members(body))
    except BadInput as error:
        raise BadInput(_all(body, place) or error.under(place).faults) from error
    except UNREADABLE as error:
        raise BadInput(_all(body, place) or unreadable(error, place).faults) from error
    return found


def many_from_json(body: bytes) -> list[Envelope]:
    """Return the CloudEvents of a batch. Raises BadInput or UNREADABLE, which tell one fault only."""
    body = held_in(body)
    found = _many(body)
    for each in members(body):
        _check(each)
    return found


def _check(sent: Mapping[str, Any]) -> None:
    for fault in _of_extensions(sent, ""):
        raise BadInput([fault])


def _all(body: bytes, place: str) -> list[Fault]:
    """Return all faults of an envelope that is JSON at least."""
    try:
        sent = msgspec.json.decode(body)
    except UNREADABLE:
        return []
    found = all_faults(sent, Envelope, place)
    beyond = [*_of_data(sent, place), *_of_extensions(sent, place)] if isinstance(sent, dict) else []
    return [*found, *beyond, *repeated(body, place)]


def _of_data(sent: Mapping[str, Any], place: str) -> Iterator[Fault]:
    if sent.get("data_base64") is None:
        if "data" not in sent:
            yield Fault("invalid", NO_DATA, place)
    elif "data" in sent:
        yield Fault("invalid", TWO_DATA, f"{place}/data_base64")


def _of_extensions(sent: Mapping[str, Any], place: str) -> Iterator[Fault]:
    """Yield the faults of extensions that are ignored: they have types all the same."""
    for name in sorted(sent.keys() - _NAMES):
        try:
            msgspec.convert(sent[name], _Extension)
        except msgspec.ValidationError:
            detail = "an extension is text, a boolean, or an integer of 32 bits"
            yield Fault("invalid", detail, f"{place}/{name}")
