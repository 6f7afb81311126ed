"""What a bundle says of itself; all but the selection and the contracts' ids is found again by the check."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from streams.tree.verifier import Unproven

FORMAT = "pujiang audit bundle, 1"
MANIFEST, CHECKPOINT = "manifest.json", "checkpoint"
ENTRIES, LEAVES, PROOF, HISTORY = "entries", "leaves", "proof", "history.jsonl"

SEALED = "Personal fields are sealed in all files, as they are in the log: with the keys of their persons, which are not here."
PROVES = "Each entry is in the log that the checkpoint is of, at its position, byte for byte; the history is what they say."
COMPLETE = "Nothing between the first and the last position is missing."
DOES_NOT_PROVE = (
    "That what was published is true.",
    "That the contracts are those by which the data was written: compare them with the ones that were published.",
)
INCOMPLETE = (
    "That these are all entries with the tags: export the whole range from 1 on, whose completeness is proven.",
    "That an entry has the tags: which fields make tags, the reference of events tells.",
)


@dataclass(frozen=True)
class Manifest:
    """A bundle of `entries` entries: of a range, first and last included, or of those that have all of some tags."""

    origin: str
    size: int
    entries: int
    contracts: Mapping[int, str]
    tags: tuple[str, ...] = ()
    range: tuple[int, int] | None = None

    @classmethod
    def read(cls, text: str) -> Manifest:
        """Read a manifest. Raises Unproven where it is not as one is written."""
        try:
            told: dict[str, Any] = json.loads(text)
            chosen = told["selection"]
            span = (int(chosen["from"]), int(chosen["to"])) if "from" in chosen else None
            contracts = {int(number): str(name) for number, name in told["contracts"].items()}
            tags = tuple(map(str, chosen.get("tags", ())))
            found = cls(str(told["log"]), int(told["size"]), int(told["entries"]), contracts, tags, span)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise Unproven(f"it is no manifest: {type(error).__name__}: {error}") from error
        if str(found) != text:
            raise Unproven("it is not as the manifest of this selection is written")
        return found

    def __str__(self) -> str:
        """Write it."""
        limits = () if self.range else INCOMPLETE
        told = {
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
        return json.dumps(told, ensure_ascii=False, indent=1) + "\n"

    def _selection(self) -> dict[str, Any]:
        if self.range is None:
            return {"tags": list(self.tags)}
        return {"from": self.range[0], "to": self.range[1]}

    @property
    def files(self) -> list[str]:
        """The files of such a bundle, in order, but for the digests, which come last."""
        fixed = (ENTRIES, LEAVES, PROOF, HISTORY)
        names = sorted(self.contracts.values())
        return [MANIFEST, CHECKPOINT, *map(contract_file, names), *fixed, *map(container_file, names)]


def contract_file(name: str) -> str:
    """Return where a contract is."""
    return f"contracts/{name}.avsc"


def container_file(name: str) -> str:
    """Return where the entries of a contract are, as an Avro container."""
    return f"history/{name}.avro"
