"""The documentation is complete: the reference is fresh, and no option, setting or command is missing."""

import re
import runpy
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from adapters.cli.app import application
from adapters.contracts import reference
from adapters.http.log import query
from adapters.http.protocol import grammar
from events.catalogue import by_name
from projections.catalogue import READ_MODELS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
SCENARIO = re.compile(r"^```python scenario\n(.*?)^```\n", re.MULTILINE | re.DOTALL)


def test_the_reference_is_fresh() -> None:
    assert reference.stale() == []


def test_a_changed_page_is_stale_and_written_again(tmp_path: Path) -> None:
    reference.write(tmp_path)
    assert reference.stale(tmp_path) == []
    (tmp_path / "events.md").write_text("changed")
    assert reference.stale(tmp_path) == ["events.md"]


def test_the_reference_has_every_event_and_every_read_model() -> None:
    pages = reference.pages()
    assert [name for name in by_name() if f"\n### {name}\n" not in pages["events.md"]] == []
    assert [each.name for each in READ_MODELS if f"\n### {each.name}\n" not in pages["read-models.md"]] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        found = (page.parent / target).resolve() if target else page
        assert found.exists(), f"{target} does not exist"
        if anchor:
            headings = HEADING.findall(found.read_text(encoding="utf-8"))
            assert anchor in {each.lower().replace(".", "").replace(" ", "-") for each in headings}


@pytest.mark.parametrize("option", sorted({*grammar.LIST_OPTIONS, *grammar.ITEM_OPTIONS, *query.SEARCH}))
def test_every_option_of_a_query_is_documented(option: str) -> None:
    assert re.search(rf"`{option}[`=]", (DOCS / "querying.md").read_text(encoding="utf-8"))


def test_every_setting_is_documented() -> None:
    sources = "".join(each.read_text(encoding="utf-8") for each in (ROOT / "adapters").rglob("settings.py"))
    named = set(re.findall(r'"(PUJIANG_[A-Z_]+|DATABASE_URL)"', sources))
    text = (DOCS / "operations.md").read_text(encoding="utf-8")
    assert named
    assert [name for name in sorted(named) if f"`{name}`" not in text] == []


def test_every_code_of_a_problem_is_documented() -> None:
    sources = sorted((ROOT / "adapters").rglob("*.py"))
    code = re.compile(r'(?:Problem\(\s*\d+,|\b(?:bad|Fault)\()\s*"([a-z-]+)"')
    codes = {each for source in sources for each in code.findall(source.read_text(encoding="utf-8"))}
    text = "".join((DOCS / page).read_text(encoding="utf-8") for page in ("querying.md", "publishing.md"))
    assert codes
    assert [each for each in sorted(codes) if f"`{each}`" not in text] == []


def test_every_command_is_documented() -> None:
    text = (DOCS / "operations.md").read_text(encoding="utf-8")
    group = get_command(application())
    assert isinstance(group, TyperGroup)
    names = sorted(group.commands)
    assert names
    assert [name for name in names if f"`pujiang {name}" not in text] == []


def test_the_scenario_on_the_publishing_page_runs(tmp_path: Path) -> None:
    (scenario,) = SCENARIO.findall((DOCS / "publishing.md").read_text(encoding="utf-8"))
    program = tmp_path / "scenario.py"
    program.write_text(scenario, encoding="utf-8")
    runpy.run_path(str(program))
