import msgspec

from streams.bus.packed import Packed
from streams.read_ports import Parts
from streams.workers.ranges import cut, joined
from tests.logs.histories import City, append


def test_records_are_joined_and_cut(parts: Parts) -> None:
    append(parts.log, parts.codec, City(1).events(20))
    stored = parts.log.read()
    record = Packed(bytes(16), 0, 10, stored[:10])
    later, far = Packed(bytes(16), 10, 15, stored[10:13]), Packed(bytes(16), 18, 20, stored[18:20])
    runs = joined([record, record, later, msgspec.structs.replace(record, upto=12), far])
    assert [(run.after, run.upto, len(run.entries)) for run in runs] == [(0, 15, 13), (18, 20, 2)]
    pieces = list(cut(runs[0], 5))
    assert [(each.after, each.upto, len(each.entries)) for each in pieces] == [
        (0, 5, 5),
        (5, 10, 5),
        (10, 15, 3),
    ]
    assert [entry.position for each in pieces for entry in each.entries] == list(range(1, 14))
