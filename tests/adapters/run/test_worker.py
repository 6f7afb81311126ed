"""What ends a thread of the worker's libraries is logged in one line, if it is not logged elsewhere."""

from __future__ import annotations

import asyncio
import threading

import pytest
from structlog.testing import capture_logs

from adapters.postgres.connections import DatabaseError
from adapters.run.worker import _thread_ended


def ended_by(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    def fail() -> None:
        raise error

    monkeypatch.setattr(threading, "excepthook", _thread_ended)
    with capture_logs() as said:
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
    return [each["reason"] for each in said]


def test_only_unexpected_faults_are_logged(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended_by(ValueError("odd"), monkeypatch) == ["ValueError('odd')"]
    assert ended_by(DatabaseError("gone"), monkeypatch) == []
    assert ended_by(asyncio.CancelledError(), monkeypatch) == []
    assert "Traceback" not in capsys.readouterr().err
