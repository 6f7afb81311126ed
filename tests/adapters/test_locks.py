from __future__ import annotations

import re
from pathlib import Path

import adapters
from adapters.locks import AdvisoryLock


def test_every_purpose_has_a_number_of_its_own() -> None:
    numbers = [each.value for each in AdvisoryLock.__members__.values()]
    assert len(set(numbers)) == len(numbers)


def test_only_named_numbers_are_locked() -> None:
    folder = Path(adapters.__file__).parent
    calls = [
        call
        for file in folder.rglob("*.py")
        for call in re.findall(r"pg_(?:try_)?advisory_\w*lock\w*\((.*?)\)", file.read_text())
    ]
    assert calls
    assert set(calls) == {"%s", "{AdvisoryLock.LOG_OPEN:d}"}
