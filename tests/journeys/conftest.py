"""Fixtures of journeys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.processes.server import environment, serving


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve an empty log for the tests of a module; give its host and port."""
    home = tmp_path_factory.mktemp("home")
    with serving(environment(home), home / "out") as served:
        yield served
