"""The loop beside the server states in a real log what has lost its ground."""

from __future__ import annotations

import threading
import time

import pytest
from msgspec.structs import replace

from adapters.contracts.codec import AvroCodec
from adapters.postgres.log.log import PostgresLog
from adapters.run import grounds
from events.audit import GroundLost
from streams.coverage.grounds import MARK
from tests.logs.histories import append
from tests.patience import PATIENCE
from tests.streams.coverage.test_grounds import CITY, PUPIL, TAKEN_BACK

CODEC = AvroCodec()


def test_it_states_what_is_lost_until_it_is_stopped(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grounds, "START_SECONDS", 0)
    monkeypatch.setattr("os.setpriority", lambda *_: None)
    log, stop = PostgresLog(database_url), threading.Event()
    append(log, CODEC, [replace(each, id=f"{n}", source="/c") for n, each in enumerate(CITY)])
    append(log, CODEC, [*PUPIL, TAKEN_BACK])
    thread = threading.Thread(target=grounds.grounds(database_url, bytes(32)).run, args=(stop,))
    thread.start()
    until = time.monotonic() + PATIENCE
    while log.marks([MARK]).get(MARK) is None or log.marks([MARK])[MARK].position < log.head():
        assert time.monotonic() < until
        time.sleep(0.05)
    stop.set()
    thread.join()
    found = CODEC.decode_all(log.read(limit=100))[-1]
    log.close()
    assert isinstance(found, GroundLost)
    assert (found.event, found.cause) == ("urn:x#3", "urn:x#r")
