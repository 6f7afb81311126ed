"""What others have sent neither steers a terminal nor makes a line of its own, and JSON stays JSON."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.process.printable import printable
from adapters.process.private import open_private


@pytest.mark.parametrize("text", ["李雷", "张　三", "买买提·艾山", "a b", "𠮷", "é", 'a"\\n'])
def test_names_are_shown_as_they_are(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    "sent,shown",
    [
        ("\x1b[2J", "\\u001b[2J"),
        ("a\nb\r", "a\\nb\\r"),
        ("\x9b1m\x7f", "\\u009b1m\\u007f"),
        ("\u202e卡", "\\u202e卡"),
    ],
)
def test_what_steers_a_terminal_is_shown_as_an_escape(sent: str, shown: str) -> None:
    assert printable(sent) == shown


@given(st.text())
def test_nothing_that_steers_is_left_and_json_keeps_its_value(text: str) -> None:
    shown = printable(text)
    assert not {unicodedata.category(each) for each in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert json.loads(printable(json.dumps(text, ensure_ascii=False))) == text


def test_a_private_file_is_so_even_if_it_was_not(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch(mode=0o644)
    with open_private(file, "a") as opened:
        opened.write(b"x")
    assert (file.stat().st_mode & 0o777, file.read_bytes()) == (0o600, b"x")
