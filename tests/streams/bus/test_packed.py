"""Packed records: what goes in comes out, and nothing else is taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.entry import Stored
from streams.bus.packed import Packed, pack, unpack
from streams.bus.topics import partition_of, topics

LOG = bytes(range(16))


@st.composite
def packed(draw: st.DrawFn) -> Packed:
    positions = sorted(draw(st.sets(st.integers(1, 2**62), max_size=20)))
    after = draw(st.integers(0, positions[0] - 1 if positions else 2**62))
    upto = draw(st.integers(positions[-1] if positions else after, 2**63 - 1))
    return Packed(LOG, after, upto, [Stored(each, draw(st.binary(max_size=50))) for each in positions])


@given(packed())
def test_a_record_comes_back_as_it_was(record: Packed) -> None:
    assert unpack(pack(record)) == record


@given(packed(), st.data())
def test_a_record_cut_short_is_told_or_holds_fewer_entries(record: Packed, data: st.DataObject) -> None:
    whole = pack(record)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    try:
        assert len(unpack(cut).entries) < len(record.entries)
    except ValueError as error:
        assert "short" in str(error) or "broken" in str(error)  # noqa: PT017 - most cuts raise, some need not


@given(st.binary())
def test_any_bytes_are_a_record_or_a_value_error(anything: bytes) -> None:
    try:
        unpack(anything)
    except ValueError:
        return


def test_entries_out_of_order_or_range_are_told() -> None:
    for positions in ((6, 5), (5, 5), (3,), (11,)):
        with pytest.raises(ValueError, match="broken"):
            unpack(pack(Packed(LOG, 4, 10, [Stored(each, b"x") for each in positions])))


def test_every_kind_that_a_read_model_is_folded_by_has_a_topic_of_its_own() -> None:
    names = [each.name for each in topics("city")]
    assert {"city.events", "city.inbox", "city.refused", "city.by-person", "city.by-school"} <= set(names)
    assert len(set(names)) == len(names)


def test_partitions_are_as_published() -> None:
    assert [partition_of(each, 12) for each in ("p-1", "p-2", "学生")] == [3, 9, 10]
