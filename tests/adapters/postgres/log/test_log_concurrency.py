"""Eight processes write at once, conditionally and not, while one reads behind them."""

import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from adapters.postgres.log.log import PostgresLog
from events.entry import parse

_WRITER = Path(__file__).with_name("log_writer.py")
_ROUNDS = 150


def _start(url: str, name: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, _WRITER, url, name, str(_ROUNDS)], stdout=subprocess.PIPE, text=True
    )


def test_writers_conflict_and_a_reader_misses_nothing(database_url: str) -> None:
    log = PostgresLog(database_url)
    names = [f"{kind}{n}" for kind in ("conditional", "free") for n in range(4)]
    writers = [_start(database_url, name) for name in names]
    position, numbers, last_recorded_at = 0, defaultdict[str, list[int]](list), 0
    while any(writer.poll() is None for writer in writers) or log.head() > position:
        for stored in log.read(position, limit=100):
            position += 1
            assert stored.position == position
            header = parse(stored.entry)
            assert header.recorded_at >= last_recorded_at
            last_recorded_at = header.recorded_at
            if header.type == "counted":
                (change,) = log.changes(position - 1)[:1]
                numbers[str(change.tags)].append(int(header.data))
    won = [int(writer.communicate()[0]) for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * len(writers)
    assert sum(won) == position == log.head()
    for counted in numbers.values():
        assert counted == list(range(1, len(counted) + 1))
    lost = 4 * _ROUNDS - sum(won[:4])
    assert lost > 0, "no decision was ever contested: the test shows nothing"
    log.close()
