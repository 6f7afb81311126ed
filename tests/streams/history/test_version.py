import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from projections.catalogue import READ_MODELS
from streams.history.version import digest

SOURCE = '''
"""A module."""
from msgspec import Struct
from events.roll.schools import SchoolClosed, SchoolRegistered
from projections.read_model import ReadModel

LIMIT = 3
UNUSED = 1


class Row(Struct):
    """A row."""
    school: str
    count: int = 0


def step(row: Row) -> int:
    """Help."""
    return min(LIMIT, row.count + 1)


def evolve(row: Row, event: SchoolRegistered) -> None:
    """Count."""
    row.count = step(row)  # how it counts


MODEL = ReadModel("counted", "school", Row, evolve, sort=("count",))
'''


def version(folder: Path, monkeypatch: pytest.MonkeyPatch, *changes: tuple[str, str]) -> str:
    source = SOURCE
    for before, after in changes:
        assert before in source
        source = source.replace(before, after)
    name = f"digested_{abs(hash(source))}"
    path = folder / f"{name}.py"
    path.write_text(source)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    return digest(module.MODEL)


@pytest.mark.parametrize(
    "change",
    [
        ("LIMIT = 3", "LIMIT = 4"),
        ("row.count + 1", "row.count + 2"),
        ("row.count = step(row)", "row.count += step(row)"),
        ("count: int = 0", "count: int = 1"),
        ("event: SchoolRegistered", "event: SchoolRegistered | SchoolClosed"),
        ('"school", Row', '"district", Row'),
        ('sort=("count",)', 'anytime=(SchoolRegistered,), sort=("count",)'),
    ],
)
def test_what_rows_follow_from_makes_a_new_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: tuple[str, str]
) -> None:
    assert version(tmp_path, monkeypatch, change) != version(tmp_path, monkeypatch)


def test_comments_docstrings_and_what_is_not_used_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = (
        ('"""Count."""', '"""Count them."""'),
        ("# how it counts", "# no matter"),
        ("UNUSED = 1", "UNUSED = 2"),
        ('"""A row."""', '"""One row."""'),
    )
    assert version(tmp_path, monkeypatch, *changes) == version(tmp_path, monkeypatch)


def test_every_read_model_has_its_own() -> None:
    assert len({digest(each) for each in READ_MODELS}) == len(READ_MODELS)
