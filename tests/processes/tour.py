"""Pages whose commands are typed as they stand: what they tell to type works, and shows what they show."""

import re
from collections.abc import Mapping
from pathlib import Path

from tests.processes.serving import typed

ROOT = Path(__file__).parents[2]
GAP = "…"


def steps(page: str, mark: str) -> list[tuple[str, str]]:
    """Return what a page tells to type in blocks with a mark, and what each is to show."""
    step = rf"^```sh {mark}\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?"
    return re.findall(step, (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def take(page: str, mark: str, at: str, environment: Mapping[str, str]) -> None:
    """Type all steps of a page into one shell, as a reader has, and hold what they show."""
    wanted = steps(page, mark)
    script = "\n".join(f"{step}\nprintf '\\0'" for step, _ in wanted)
    told = typed(script.replace("127.0.0.1:8000", at), environment).split("\0")
    assert len(told) == len(wanted) + 1 > 1
    for (step, shown), found in zip(wanted, told, strict=False):
        for line in shown.splitlines():
            pattern = ".*".join(map(re.escape, line.split(GAP)))
            assert re.search(pattern, found), f"{step}\ntold:\n{found}\nnot:\n{line}"
