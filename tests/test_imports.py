"""The import contracts name all that they have to."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import adapters
from events.catalogue import CONTEXTS

ROOT = Path(__file__).parents[1]


def contract(name: str) -> dict[str, Any]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (found,) = [each for each in settings["contracts"] if each["name"] == name]
    return dict(found)


def test_adapters_are_kept_from_every_context() -> None:
    named = contract("Adapters meet contexts only through the catalogues")["forbidden_modules"]
    assert sorted(named) == sorted(f"*.{each}" for each in CONTEXTS)


def test_every_room_is_kept_from_the_database_but_those_that_speak_with_it() -> None:
    rooms = {each.stem for each in Path(adapters.__file__).parent.iterdir() if each.name[:1] not in "._"}
    named = contract("PostgreSQL is spoken with in its own room and in the key store's")["source_modules"]
    assert sorted(named) == sorted(f"adapters.{each}" for each in rooms - {"postgres", "keys", "embedded"})
