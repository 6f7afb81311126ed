"""A writing process of the concurrency test: prints how many events it has appended.

With a condition it counts: each of its events carries the number that follows the last one under its tag, read
before. Two that read the same and both win would make a number twice.
"""

import random
import sys

from adapters.postgres.log.log import PostgresLog
from events.entry import Proposal, key, parse
from streams.ports import Condition, History, Log, Stale

KIND = "counted"
TAGS = 5


def proposal(name: str, number: int, tag: str, kind: str, data: bytes) -> Proposal:
    return Proposal(name, str(number), kind, 0, (tag,), data)


def count(log: Log, name: str, number: int, tag: str) -> bool:
    """Append the next number under the tag; tell whether that was won."""
    seen = log.head()
    history = log.histories([History(key(tag), (key(KIND),))])
    last = int(parse(history[-1].entry).data) if history else 0
    condition = Condition(seen, {key(tag): {key(KIND)}})
    try:
        log.append([proposal(name, number, tag, KIND, b"%d" % (last + 1))], condition)
    except Stale:
        return False
    return True


def main(url: str, name: str, rounds: str) -> None:
    """Write as `conditional` or otherwise, with the name as seed."""
    chance, won, log = random.Random(name), 0, PostgresLog(url)
    for number in range(int(rounds)):
        if name.startswith("conditional"):
            won += count(log, name, number, f"tag{chance.randrange(TAGS)}")
        else:
            size = chance.randrange(1, 6)
            log.append([proposal(name, number * 10 + n, f"tag{n}", "noted", b"") for n in range(size)])
            won += size
    log.close()
    sys.stdout.write(str(won))


if __name__ == "__main__":
    main(*sys.argv[1:])
