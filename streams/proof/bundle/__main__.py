"""`python -m streams.proof.bundle FILE --key VKEY [--key VKEY]...`: check a bundle; the exit status is 1 if a check fails.

It needs Python 3.11 or newer and `cryptography`, and nothing else.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from streams.proof.bundle.check import check
from streams.tree.verifier import Key, Unproven


def main(arguments: Sequence[str]) -> int:
    """Check the bundle in a file; return the exit status."""
    name, *rest = arguments or [""]
    try:
        keys = [Key.read(each) for each in rest if each != "--key"]
        with Path(name).open("rb") as file:
            report = check(file, keys)
    except (Unproven, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.writelines(f"{each}\n" for each in report.lines)
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
