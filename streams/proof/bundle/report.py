"""The report of a bundle's check: what was checked, and what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from streams.proof.bundle.container import Finding
from streams.proof.bundle.manifest import Manifest
from streams.tree.verifier import Checkpoint, Key, shown

MOST_FINDINGS = 10
"""Findings that are listed for one file of a bundle: one change can make every later line or record differ."""


@dataclass
class BundleReport:
    """What was checked, as far as the check came, and what was found; a bundle without findings is sound.

    No statement of the log was there to compare the contracts `unstated` with, and no published contract for `unpublished`.
    """

    findings: list[Finding] = field(default_factory=list)
    checkpoint: Checkpoint | None = None
    signers: Sequence[Key] = ()
    manifest: Manifest | None = None
    entries: int = 0
    unreadable: int = 0
    unstated: list[str] = field(default_factory=list)
    unpublished: list[str] = field(default_factory=list)

    def add(self, file: str, sentence: str, position: int | None = None) -> None:
        """Add a finding, unless the file has enough of them."""
        count = sum(each.file == file for each in self.findings)
        if count < MOST_FINDINGS:
            self.findings.append(Finding(file, sentence, position))
        elif count == MOST_FINDINGS:
            self.findings.append(Finding(file, "there are more findings, which are not listed"))

    @property
    def lines(self) -> list[str]:
        """All that is to be said, in lines: the findings, what was not compared, and the summary."""
        found = list(map(str, self.findings))
        for names, why in (
            (self.unstated, "no statement of the log is here about"),
            (self.unpublished, "none was published under the name of"),
        ):
            if names:
                found.append(f"contracts not compared, as {why}: {', '.join(map(shown, names))}")
        return [*found, str(self)]

    def __str__(self) -> str:
        """Return a summary in one line."""
        if self.checkpoint is None or self.manifest is None:
            return f"{len(self.findings)} findings"
        signers = ", ".join(f"{each.name}+{each.id.hex()}" for each in self.signers) or "no known key"
        span = self.manifest.range
        which = (
            f"positions {span[0]} to {span[1]}"
            if span
            else f"some with {', '.join(map(shown, self.manifest.tags))}"
        )
        unread = f", {self.unreadable} of them unreadable" if self.unreadable else ""
        place = f"of {shown(self.checkpoint.origin)} at size {self.checkpoint.size}, signed by {signers}"
        return f"{self.entries} entries{unread}, {which} {place}: {len(self.findings)} findings"
