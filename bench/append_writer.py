"""A process started by `bench.append`: it prepares batches, prints `ready`, awaits a line, appends, prints `done`."""

import random
import sys
from uuid import uuid4

from adapters.postgres.log.log import PostgresLog
from bench.made_up import proposals


def main(url: str, size: int, count: int) -> None:
    log, chance = PostgresLog(url), random.Random(uuid4().int)
    batches = [proposals(size, chance) for _ in range(count)]
    log.append(proposals(size, chance))
    print("ready", flush=True)
    sys.stdin.readline()
    for batch in batches:
        log.append(batch)
    print("done", flush=True)
    log.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
