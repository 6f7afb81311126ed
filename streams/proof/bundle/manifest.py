"""The manifest: what a bundle contains, what it proves, and what it does not.

The check derives all of it from the other files, except the selection and the ids of the contracts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from streams.tree.verifier import Unproven

# Every constant stands in bundles or names their files: it is part of their format.
FORMAT = "pujiang audit bundle, 3"
MANIFEST, CHECKPOINT, STATEMENTS = "manifest.json", "checkpoint", "statements"
ENTRIES, LEAVES, PROOF, HISTORY = "entries", "leaves", "proof", "history.jsonl"

SEALED = "Personal fields are sealed in all files, as they are in the log: with the keys of their persons, which are not here."
PROVES = "Each entry is in the log that the checkpoint is of, at its position, byte for byte; the history is what they say."
COMPLETE = "Nothing between the first and the last position is missing."
DOES_NOT_PROVE = (
    "That what was published is true.",
    "That a contract is the one by which the data was written, if no statement here is about it: the check names those.",
)
INCOMPLETE = (
    "That these are all entries with the tags: export the whole range from 1 on, whose completeness is proven.",
    "That an entry has the tags: which fields make tags, the reference of events tells.",
)


@dataclass(frozen=True)
class Manifest:
    """The manifest of a bundle: its log and checkpoint, and its entries.

    They are those of a range, first and last included, or those that have all of some tags; `contracts` are names by id.
    """

    origin: str
    size: int
    entries: int
    contracts: Mapping[int, str]
    tags: tuple[str, ...] = ()
    range: tuple[int, int] | None = None

    @classmethod
    def read(cls, text: str) -> Manifest:
        """Parse a manifest. Raises Unproven unless it is exactly as this class writes it."""
        try:
            members: dict[str, Any] = json.loads(text)
            chosen = members["selection"]
            span = (int(chosen["from"]), int(chosen["to"])) if "from" in chosen else None
            contracts = {int(number): str(name) for number, name in members["contracts"].items()}
            tags = tuple(map(str, chosen.get("tags", ())))
            origin, size, entries = str(members["log"]), int(members["size"]), int(members["entries"])
            found = cls(origin, size, entries, contracts, tags, span)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise Unproven(f"this is not a manifest: {type(error).__name__}: {error}") from error
        if str(found) != text:
            raise Unproven("the text is not the one that a manifest of this selection has")
        if not span and not (tags and all(all(each.partition(":")) for each in tags)):
            raise Unproven("it says neither which range of the log this is, nor which tags the entries have")
        return found

    def __str__(self) -> str:
        """Return the text of the manifest."""
        limits = () if self.range else INCOMPLETE
        members = {
            "format": FORMAT,
            "log": self.origin,
            "size": self.size,
            "selection": self._selection(),
            "entries": self.entries,
            "contracts": {str(number): name for number, name in sorted(self.contracts.items())},
            "sealed": SEALED,
            "proves": [PROVES, COMPLETE] if self.range else [PROVES],
            "does_not_prove": [*DOES_NOT_PROVE, *limits],
        }
        return json.dumps(members, ensure_ascii=False, indent=1) + "\n"

    def _selection(self) -> dict[str, Any]:
        if self.range is None:
            return {"tags": list(self.tags)}
        return {"from": self.range[0], "to": self.range[1]}

    @property
    def files(self) -> list[str]:
        """The names of the bundle's files, in order, without the digests, which come last."""
        fixed = (ENTRIES, LEAVES, PROOF, HISTORY)
        names = sorted(self.contracts.values())
        return [
            MANIFEST,
            CHECKPOINT,
            STATEMENTS,
            *map(contract_file, names),
            *fixed,
            *map(container_file, names),
        ]


def contract_file(name: str) -> str:
    """Return the name of the file with a contract."""
    return f"contracts/{name}.avsc"


def container_file(name: str) -> str:
    """Return the name of the Avro container with the entries of a contract."""
    return f"history/{name}.avro"
