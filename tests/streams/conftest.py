"""Read models over a real database."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import partial

import pytest

from adapters.run.parts import open_parts
from streams.read_ports import Open, Parts


@pytest.fixture
def open_(database_url: str) -> Open:
    return partial(open_parts, database_url)


@pytest.fixture
def parts(open_: Open) -> Iterator[Parts]:
    opened: AbstractContextManager[Parts] = open_()
    with opened as found:
        yield found
