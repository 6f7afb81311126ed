"""Figures of proof: appending with the tree against without, verifying against plain hashing, and inclusion proofs."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from functools import partial
from hashlib import sha256

from adapters.postgres.log.log import PostgresLog
from adapters.postgres.log.stored import PostgresTables
from adapters.run.fsck import open_tables
from bench.append import SIZES, UNIT, rounds
from bench.figure import Figure, in_turn, percentile, rate, seconds
from bench.made_up import load, proposals
from bench.place import Place
from bench.plain import forget_tree, without_tree
from bench.scale import LARGE, large
from streams.proof.fsck.journal import RunScope
from streams.proof.fsck.run import Verification
from streams.proof.fsck.tree import ENTRIES_PER_QUERY
from streams.proof.proofs import Proofs
from streams.tree.verifier import check_inclusion, leaf_hash

VERIFIED = 1_000_000
BATCH = 5000
VERIFY_ROUNDS = 5
PROOFS = 3000


def appending(place: Place) -> Iterator[Figure]:
    """One writer on two logs of the same size, one of which keeps no tree."""
    for size in SIZES:
        with place.database("bench_proofs") as url, place.database("bench_no_proofs") as plain:
            logs = [PostgresLog(url), PostgresLog(plain)]
            for log in logs:
                load(log, random.Random(size))
            forget_tree(plain)
            ours, theirs = in_turn(
                rounds(size),
                partial(_append, logs[0], size, random.Random(size)),
                partial(_append_plain, logs[1], size, random.Random(size)),
            )
            for log in logs:
                log.close()
        name = f"append, batches of {size}, with proofs, against without"
        yield Figure(name=name, unit=UNIT, figure=ours, yardstick=theirs, target=">= 0.9")


def _append(log: PostgresLog, size: int, chance: random.Random) -> float:
    batch = proposals(size, chance)
    return rate(size, lambda: log.append(batch))


def _append_plain(log: PostgresLog, size: int, chance: random.Random) -> float:
    with without_tree():
        return _append(log, size, chance)


def verifying(place: Place) -> Iterator[Figure]:
    """Measure the tree of a million entries in one process, against SHA-256 of each entry, read in equal pieces."""
    with place.database("bench_verify") as url:
        log, chance = PostgresLog(url), random.Random(0)
        for _ in range(VERIFIED // BATCH):
            log.append(proposals(BATCH, chance))
        root, tables = log.tree().root, PostgresTables(url)
        used: list[float] = []

        def verify() -> float:
            before = time.process_time()
            found = seconds(lambda: _hold(url, root))
            used.append(time.process_time() - before)
            return found

        ours, theirs = in_turn(VERIFY_ROUNDS, verify, lambda: seconds(lambda: _hash(tables)))
        tables.close()
        log.close()
    yield Figure(
        name=f"verify of {VERIFIED:,} entries against their tree by one process, against plain SHA-256 of them",
        unit="s",
        figure=ours,
        yardstick=theirs,
        target="<= 2",
        note=f"{min(used):.1f} s of CPU in the verifying process; `pujiang verify` shares the work between processes",
    )


def _hold(url: str, root: bytes) -> None:
    """Hold the entries against the tree and nothing else, in this process."""
    open_ = partial(open_tables, url)
    with open_() as stored:
        assembly = Verification(open_, []).tree(None, stored.tables, RunScope(stored.tables.head(), ()))
    assert (assembly.roots[VERIFIED], assembly.findings) == (root, [])


def _hash(tables: PostgresTables) -> None:
    for after in range(0, VERIFIED, ENTRIES_PER_QUERY):
        for each in tables.entries(after, min(after + ENTRIES_PER_QUERY, VERIFIED)):
            sha256(each.entry).digest()


def inclusion(place: Place) -> Iterator[Figure]:
    """Measure what `/proof/inclusion` returns: the entry, the tree's root and the path, for random positions."""
    log, chance, taken = PostgresLog(large(place)), random.Random(0), list[float]()
    proofs = Proofs(log)
    for _ in range(PROOFS):
        position = chance.randrange(LARGE) + 1
        began = time.perf_counter()
        size = log.tree().size
        (stored,) = log.read(position - 1, position, 1)
        root, path = proofs.root(size), proofs.inclusion(position - 1, size)
        taken.append((time.perf_counter() - began) * 1000)
        check_inclusion(position - 1, size, leaf_hash(stored.entry), path, root)
    log.close()
    yield Figure(
        name=f"inclusion proof at {LARGE:,} events, p99",
        unit="ms",
        figure=percentile(taken, 99),
        target="<= 10",
        note=f"p50 {percentile(taken, 50):.1f} ms, {PROOFS:,} proofs, in process; {place.declared()}",
    )
