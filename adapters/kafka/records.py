"""Reading records of which some cannot be read: they are given out as such, at their offsets, and none hides another.

kafka-python raises instead, and then polls the same place without end, deaf to signals.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kafka.consumer.fetcher import Fetcher
from kafka.errors import CorruptRecordError, UnsupportedCodecError
from kafka.record.default_records import DefaultRecord, DefaultRecordBatch
from kafka.record.util import decode_varint
from msgspec import Struct

DAMAGED = "the batch in which it was sent is damaged"


class Unreadable(Struct, frozen=True):
    """Stands for the value of a record that cannot be read. The sentence says why, and repeats nothing of it."""

    sentence: str

    def __len__(self) -> int:
        """Return 0: clients count the bytes of values."""
        return 0


def give_out_unreadable(reader: Any) -> Any:
    """Make a consumer give out what it cannot read as records with the value `Unreadable`; return it."""
    reader._fetcher.PartitionRecords = Records  # noqa: SLF001 - kafka-python has no setting for it
    return reader


class Records(Fetcher.PartitionRecords):  # type: ignore[misc]  # kafka-python has no types
    """The records of one answer of the broker for a partition."""

    def take(self, n: int | None = None) -> Any:
        """Return records; if even their batches cannot be found, raise, and let the next poll ask the broker again."""
        try:
            return super().take(n)
        except Exception:
            self.drain()
            raise

    def _unpack_records(self, tp: Any, records: Any, key: Any, value: Any) -> Any:
        return super()._unpack_records(tp, _Batches(records), key, value)


class _Batches:
    def __init__(self, records: Any) -> None:
        self._records = records

    def next_batch(self) -> Any:
        found = self._records.next_batch()
        return _Batch(found) if isinstance(found, DefaultRecordBatch) else found


class _Batch:
    """A batch of kafka-python that never raises while it is read."""

    def __init__(self, batch: Any) -> None:
        self._batch = batch
        self._sound = batch.validate_crc()
        self.is_control_batch = self._sound and batch.is_control_batch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def validate_crc(self) -> bool:
        """Return True: a wrong checksum makes the records unreadable."""
        return True

    def __iter__(self) -> Iterator[Any]:
        why = self._opened()
        offset = self._batch.base_offset
        while not why:
            try:
                record = next(self._batch)
            except StopIteration:
                return
            except CorruptRecordError as error:
                if not self._skipped():
                    why = DAMAGED
                    break
                record = _unreadable(offset, _reason(error))
            if not offset <= record.offset < self._batch.next_offset:
                why = DAMAGED
                break
            yield record
            offset = record.offset + 1
        yield from (_unreadable(each, why) for each in range(offset, self._batch.next_offset))

    def _opened(self) -> str:
        """Decompress the records; return why that is not possible, "" if it is."""
        if not self._sound:
            return "the batch in which it was sent does not have its checksum"
        try:
            iter(self._batch)
        except UnsupportedCodecError:
            return "the batch in which it was sent is compressed in an unknown way"
        except Exception as error:  # noqa: BLE001 - each codec raises its own
            return f"the batch in which it was sent cannot be decompressed ({type(error).__name__})"
        return ""

    def _skipped(self) -> bool:
        """Go on behind the record that cannot be read; return whether it is known where that is."""
        batch = self._batch
        try:
            length, start = decode_varint(batch._buffer, batch._pos)  # noqa: SLF001 - as all of this
        except (ValueError, IndexError):
            return False
        end = start + length
        if length < 1 or end > len(batch._buffer) or batch._next_record_index >= batch.records_count:  # noqa: SLF001
            return False
        batch._pos = end  # noqa: SLF001
        batch._next_record_index += 1  # noqa: SLF001
        return True


def _reason(error: CorruptRecordError) -> str:
    if isinstance(error.__context__, UnicodeDecodeError):
        return "the name of one of its headers is not UTF-8"
    return "it does not have the form of a record of Kafka"


def _unreadable(offset: int, sentence: str) -> Any:
    return DefaultRecord(0, offset, 0, 0, None, Unreadable(sentence), [])
