"""A fault is logged with its traceback, and without the values that the code had in hand."""

from collections.abc import Iterator

import pytest
import structlog

from adapters.process import logging


@pytest.fixture
def configured() -> Iterator[None]:
    logging.configure()
    yield
    structlog.reset_defaults()


def test_no_values_in_a_traceback(configured: None, capsys: pytest.CaptureFixture[str]) -> None:
    name = chr(0x674E)
    try:
        len(name) // 0
    except ZeroDivisionError as error:
        structlog.get_logger().error("failed", exc_info=error)
    told = capsys.readouterr().out
    assert "test_no_values_in_a_traceback" in told
    assert name not in told


def test_values_make_no_second_line(configured: None, capsys: pytest.CaptureFixture[str]) -> None:
    structlog.get_logger().error("request_failed", path="/a\n\x1b[2Jfaked")
    told = capsys.readouterr().out
    assert len(told.splitlines()) == 1
    assert "\\n\\u001b[2Jfaked" in told
