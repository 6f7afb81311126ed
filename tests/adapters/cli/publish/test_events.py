"""`pujiang publish`, before a server that counts the events of each batch."""

from __future__ import annotations

from pathlib import Path

import httpx
import msgspec
import pytest
import typer

from adapters.cli.publish.events import send
from adapters.cli.terminal import progress
from adapters.wire.text_lines import TextLines


def server() -> httpx.Client:
    def answer(request: httpx.Request) -> httpx.Response:
        batch = msgspec.json.decode(request.content)
        return httpx.Response(200, json={"verdicts": [{"verdict": "recorded"}] * len(batch)})

    return httpx.Client(base_url="http://test", transport=httpx.MockTransport(answer))


@pytest.mark.parametrize("line", [b"{},{}", b"{} {}", b"{", b"", b"]"])
def test_a_line_has_one_event(tmp_path: Path, line: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    refused = tmp_path / "refused.jsonl"
    source = [b"{}\n", line + b"\n", b"{}\n"]
    if not line:
        send(source, None, server(), refused)
        assert not refused.exists()
        return
    with pytest.raises(typer.Exit):
        send(source, None, server(), refused)
    (told,) = [msgspec.json.decode(each) for each in refused.read_bytes().splitlines()]
    assert told["verdict"] == "unreadable"
    assert told["problem"]["detail"].startswith("a line has one event, in JSON")
    assert "2 recorded, 1 unreadable" in capsys.readouterr().out


def test_a_line_in_another_encoding_ends_it_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit):
        send(TextLines([b"{}\n", b"\xd5\xc5\n"]), None, server(), tmp_path / "refused", 1)
    assert "line 2 is not utf-8; in GB18030 it says '张'" in capsys.readouterr().err


def test_a_progress_bar_is_not_written_into_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("publishing") as (bar, task):
        bar.advance(task, 3)
    assert (bar.tasks[task].completed, bar.tasks[task].total) == (3, 3)
    assert capsys.readouterr().err == ""
