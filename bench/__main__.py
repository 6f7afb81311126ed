"""`make bench`: each figure beside its yardstick in the same run; a table, and bench/results.json."""

import json
import tempfile
from itertools import chain
from pathlib import Path

from rich.console import Console
from rich.table import Table

from adapters import embedded
from bench import flow, log

RESULTS = Path(__file__).parent / "results.json"


def main() -> None:
    console, table = Console(), Table("figure", "ours", "yardstick", "ratio", "to reach")
    found = []
    with tempfile.TemporaryDirectory() as home, embedded.start(Path(home)) as server:
        for each in chain(log.figures(server.url), flow.figures(server.url, Path(home))):
            console.print(f"{each.name}: {each.ratio:.2f}")
            table.add_row(
                each.name, f"{each.figure:,.1f}", f"{each.yardstick:,.1f}", f"{each.ratio:.2f}", each.target
            )
            found.append(each._asdict())
    console.print(table)
    RESULTS.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
