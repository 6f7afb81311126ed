"""Files that others wrote: read in the encoding that was named, or told."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.wire.text_lines import Encoding, TextFault, TextLines

TEXT = '{"name": "张三丰"}\n{"name": "李四"}\n'


def lines(data: bytes, encoding: Encoding = Encoding.UTF_8) -> bytes:
    return b"".join(TextLines(BytesIO(data), encoding))


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("encoding", list(Encoding))
def test_each_encoding_is_read_with_and_without_a_mark(mark: str, encoding: Encoding) -> None:
    assert lines((mark + TEXT).encode(encoding), encoding) == TEXT.encode()


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_text_is_the_same_in_each_encoding(text: str) -> None:
    assert lines(text.encode("gb18030"), Encoding.GB18030) == lines(text.encode())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
@pytest.mark.parametrize("named", list(Encoding))
def test_what_is_utf_16_is_told(encoding: str, named: Encoding) -> None:
    with pytest.raises(TextFault, match="save the file as UTF-8"):
        lines(TEXT.encode(encoding), named)


def test_gb18030_is_told_and_never_guessed() -> None:
    with pytest.raises(TextFault, match="line 1 is not utf-8; in GB18030 it says '张三丰"):
        lines(TEXT.encode("gb18030"))


@pytest.mark.parametrize("named", list(Encoding))
def test_what_no_encoding_reads_is_told_with_its_line(named: Encoding) -> None:
    with pytest.raises(TextFault, match=f"line 2 is not {named}$"):
        lines(b"{}\n\xff\xff\n", named)


def test_the_digest_is_that_of_the_bytes_as_they_came() -> None:
    data = ("\ufeff" + TEXT).encode("gb18030")
    text = TextLines(BytesIO(data), Encoding.GB18030)
    assert list(text)
    assert text.digest == sha256(data).hexdigest()
