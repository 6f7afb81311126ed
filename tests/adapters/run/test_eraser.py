"""While serving, erasures take effect by themselves; an obstacle is logged once, and they continue after it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest
from psycopg.conninfo import conninfo_to_dict
from structlog.testing import capture_logs

from adapters.keys.sqlite import database
from adapters.process.loop import in_thread
from adapters.run.backup import keys_file
from adapters.run.eraser import EVERY_SECONDS, eraser
from adapters.run.settings import read_settings
from adapters.run.site import site
from events.identity.erasure import PersonErased
from tests.patience import PATIENCE


def until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_key_store_that_takes_nothing_is_told_once_and_waited_for(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.001)
    url = f"postgresql://?{urlencode(conninfo_to_dict(database_url))}"
    settings = read_settings({"PUJIANG_HOME": str(tmp_path), "DATABASE_URL": url})
    positions: list[int] = []
    with site(settings) as opened, capture_logs() as said, in_thread(eraser(opened, positions.append)):
        opened.store.keys.get_or_make([("p", "person")])
        busy = sqlite3.connect(keys_file(settings), isolation_level=None)
        busy.execute("BEGIN IMMEDIATE")
        erased = PersonErased(person="p", request="s#r", source="s", id="e")
        opened.log.append([opened.codec.propose(erased)])
        until(lambda: [each["event"] for each in said] == ["loop-postponed"])
        time.sleep(3 * EVERY_SECONDS)
        assert [each["event"] for each in said] == ["loop-postponed"]
        assert not opened.store.keys.destroyed([("p", "person")])
        busy.execute("ROLLBACK")
        until(lambda: positions[-1:] == [1])
        assert opened.store.keys.destroyed([("p", "person")])
        assert [each["event"] for each in said] == ["loop-postponed", "keys-destroyed"]
        busy.close()
