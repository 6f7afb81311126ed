"""Records of which some cannot be read, as bytes of the broker."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from kafka import TopicPartition
from kafka.codec import gzip_encode, lz4_encode, snappy_encode, zstd_encode
from kafka.record import MemoryRecords
from kafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder
from kafka.record.util import calc_crc32c

from adapters.kafka.records import Records, Unreadable

PLACE = TopicPartition("inbox", 0)
CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
HEAD = DefaultRecordBatch.HEADER_STRUCT.size
BASE = 100


def batch(codec: int, count: int = 5, base: int = BASE) -> bytearray:
    built = DefaultRecordBatchBuilder(2, codec, 0, -1, -1, -1, 1_000_000)
    for number in range(count):
        value = f"value {number} ".encode() * 20
        built.append(number, timestamp=1, key=b"key", value=value, headers=[(f"name-{number}", b"x")])
    made = bytearray(built.build())
    struct.pack_into(">q", made, 0, base)
    return made


def signed(made: bytearray) -> bytearray:
    """Return a batch with its length and its checksum set right."""
    struct.pack_into(">i", made, 8, len(made) - 12)
    struct.pack_into(">I", made, 17, calc_crc32c(memoryview(made)[21:]))
    return made


def read(sent: bytes, at: int = BASE) -> list[tuple[int, Any]]:
    """Return offsets and values, read as a consumer does."""
    found = Records(at, PLACE, MemoryRecords(sent))
    return [(each.offset, each.value) for each in _all(found)]


def _all(found: Any) -> Iterator[Any]:
    while found:
        yield from found.take(2)


def told(sent: bytes, at: int = BASE) -> list[tuple[int, str]]:
    """Return offsets, and why what stands there cannot be read, "" if it can."""
    return [(at, each.sentence if isinstance(each, Unreadable) else "") for at, each in read(sent, at)]


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
def test_a_batch_is_read_whatever_its_codec(codec: int) -> None:
    assert read(bytes(batch(codec)), BASE + 1) == [
        (BASE + number, f"value {number} ".encode() * 20) for number in range(1, 5)
    ]


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
def test_a_batch_with_a_wrong_checksum_is_unreadable_and_the_next_is_read(codec: int) -> None:
    made = batch(codec)
    made[-3] ^= 1
    why = "the batch in which it was sent does not have its checksum"
    assert told(bytes(made + batch(codec, 2, BASE + 5))) == [
        *((BASE + number, why) for number in range(5)),
        (BASE + 5, ""),
        (BASE + 6, ""),
    ]


@pytest.mark.parametrize("codec", [1, 2, 3, 4, 5, 6, 7])
def test_a_batch_that_cannot_be_decompressed_is_unreadable_and_the_next_is_read(codec: int) -> None:
    made = batch(0)
    made[22] = codec
    made[HEAD:] = b"\xff" * 40
    found = told(bytes(signed(made) + batch(0, 1, BASE + 5)))
    assert [at for at, _ in found] == list(range(BASE, BASE + 6))
    assert all("compressed" in why for _, why in found[:5])
    assert found[5] == (BASE + 5, "")


@pytest.mark.parametrize("encode", [None, gzip_encode, snappy_encode, lz4_encode, zstd_encode])
def test_only_the_record_with_a_header_that_is_not_utf8_is_unreadable(encode: Any) -> None:
    made = batch(0)
    made = bytearray(made.replace(b"name-2", b"name-\xff"))
    if encode:
        made[HEAD:] = encode(bytes(made[HEAD:]))
        made[22] = [gzip_encode, snappy_encode, lz4_encode, zstd_encode].index(encode) + 1
    assert told(bytes(signed(made))) == [
        (BASE, ""),
        (BASE + 1, ""),
        (BASE + 2, "the name of one of its headers is not UTF-8"),
        (BASE + 3, ""),
        (BASE + 4, ""),
    ]


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_damaged_in_a_batch_each_offset_is_given_out_once_and_nothing_raises(seed: int) -> None:
    chance = Random(seed)
    for codec in CODECS.values():
        made = batch(codec)
        for _ in range(chance.randint(1, 4)):
            made[chance.randrange(HEAD, len(made))] = chance.randrange(256)
        found = read(bytes(signed(made) + batch(codec, 1, BASE + 5)))
        assert [at for at, _ in found][-1] == BASE + 5
        assert sorted({at for at, _ in found}) == [at for at, _ in found]


def test_bytes_without_batches_raise_once_and_are_asked_for_again() -> None:
    found: Any = Records(BASE, PLACE, MemoryRecords(struct.pack(">qi", BASE, 3) + b"abc"))
    with pytest.raises(Exception, match="minimum record overhead"):
        found.take(1)
    assert not found
