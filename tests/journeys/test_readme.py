"""The tours of the READMEs are run as they stand: what they tell to type works, and shows what they show."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import environment, serving, typed

ROOT = Path(__file__).parent.parent.parent
STEP = re.compile(r"^```sh tour\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
GAP = "…"


def steps(name: str) -> list[tuple[str, str]]:
    return STEP.findall((ROOT / name).read_text(encoding="utf-8"))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """A system with an empty log, on a free port."""
    with serving(environment(tmp_path / "home"), tmp_path / "out") as at:
        yield at


@pytest.mark.skipif(
    not shutil.which("bash") or not shutil.which("curl"), reason="the tour needs bash and curl"
)
@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_tour_works_and_shows_what_it_says(name: str, served: str, tmp_path: Path) -> None:
    # One shell for all steps, as a reader has.
    script = "\n".join(f"{step}\nprintf '\\0'" for step, _ in steps(name))
    told = typed(script.replace("127.0.0.1:8000", served), environment(tmp_path / "home")).split("\0")
    assert len(told) == len(steps(name)) + 1 > 1
    for (step, shown), found in zip(steps(name), told, strict=False):
        for line in shown.splitlines():
            wanted = ".*".join(map(re.escape, line.split(GAP)))
            assert re.search(wanted, found), f"{step}\ntold:\n{found}\nnot:\n{line}"


def test_both_tours_type_the_same() -> None:
    english, chinese = (
        [re.sub(r'"name": "[^"]*"', '"name": ""', step) for step, _ in steps(name)]
        for name in ("README.md", "README.zh-CN.md")
    )
    assert english == chinese
