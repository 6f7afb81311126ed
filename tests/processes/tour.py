"""Pages whose commands are typed as written: each works, and prints what the page shows."""

import re
from collections.abc import Mapping
from pathlib import Path

from tests.processes.server import typed

ROOT = Path(__file__).parents[2]
GAP = "…"


def steps(page: str, mark: str) -> list[tuple[str, str]]:
    """Return the commands in a page's blocks with a mark, and the output shown for each."""
    step = rf"^```sh {mark}\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?"
    return re.findall(step, (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def take(page: str, mark: str, at: str, environment: Mapping[str, str]) -> None:
    """Type all steps of a page into one shell, as a reader does, and compare the output with what is shown."""
    wanted = steps(page, mark)
    script = "\n".join(f"{step}\nprintf '\\0'" for step, _ in wanted)
    printed = typed(script.replace("127.0.0.1:8000", at), environment).split("\0")
    assert len(printed) == len(wanted) + 1 > 1
    for (step, shown), found in zip(wanted, printed, strict=False):
        for line in shown.splitlines():
            pattern = ".*".join(map(re.escape, line.split(GAP)))
            assert re.search(pattern, found), f"{step}\nprinted:\n{found}\nnot:\n{line}"
