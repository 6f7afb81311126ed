"""Rows that are folded for an answer: as objects whose bytes do not depend on the way to them."""

from __future__ import annotations

from typing import Any, cast

from adapters.contracts.codec import AvroCodec
from adapters.http.disclosure.caller import Caller
from adapters.http.disclosure.fields import SealedFields
from adapters.http.disclosure.histories import RowHistories
from adapters.http.protocol.media import ENCODER
from projections.identity.logins import PersonLogins
from streams.read_ports import Line
from tests.logs.memory_log import MemoryLog


def test_equal_rows_have_equal_bytes() -> None:
    nothing = cast("Any", None)
    histories = RowHistories(MemoryLog(), AvroCodec(), cast("SealedFields", nothing))

    def encoded(applications: dict[str, int]) -> bytes:
        line = Line(PersonLogins("p", "2024-09-01", 2, applications), 7)
        (row,) = histories.objects(cast("Caller", nothing), [line], None, sealed=True)
        assert list(row)[:2] == ["person", "day"]
        return ENCODER.encode(row)

    assert encoded({"b": 1, "a": 1}) == encoded({"a": 1, "b": 1})
