"""The tours of the READMEs, the auditor's walk and the school year are typed as they stand."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.server import environment, serving
from tests.processes.tour import steps, take

PAGES = (
    ("README.md", "tour"),
    ("README.zh-CN.md", "tour"),
    ("docs/audit.md", "audit"),
    ("docs/school-year.md", "year"),
)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """A system with an empty log, on a free port."""
    with serving(environment(tmp_path / "home"), tmp_path / "out") as at:
        yield at


@pytest.mark.skipif(
    not shutil.which("bash") or not shutil.which("curl"), reason="the tour needs bash and curl"
)
@pytest.mark.parametrize("page, mark", PAGES)
def test_what_a_page_tells_to_type_works_and_shows_what_it_says(
    page: str, mark: str, served: str, tmp_path: Path
) -> None:
    take(page, mark, served, environment(tmp_path / "home") | {"TMPDIR": str(tmp_path)})


def test_both_tours_type_the_same() -> None:
    english, chinese = (
        [re.sub(r'"name": "[^"]*"', '"name": ""', step) for step, _ in steps(page, "tour")]
        for page in ("README.md", "README.zh-CN.md")
    )
    assert english == chinese
