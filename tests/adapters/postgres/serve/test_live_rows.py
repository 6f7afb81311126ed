"""Which value stands for another one, as queries see it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from adapters.postgres.read.store import PostgresReadModels
from adapters.postgres.serve.live_rows import LiveRows
from adapters.postgres.serve.pool import pool
from streams.read_ports import Renamed

LINKS = 1_000


def roots(url: str, values: Sequence[str]) -> Mapping[str, str]:
    async def ask() -> Mapping[str, str]:
        async with pool(url) as opened:
            return await LiveRows(opened).roots("person", values)

    return asyncio.run(ask())


def test_a_chain_is_followed_to_its_end_and_a_circle_has_none(database_url: str) -> None:
    assert roots(database_url, ["p-0"]) == {}
    store = PostgresReadModels(database_url)
    chain = [Renamed("person", f"p-{n}", f"p-{n + 1}", n + 1) for n in range(LINKS)]
    others = [
        Renamed("person", "a", "b", 1),
        Renamed("person", "b", "a", 2),
        Renamed("school", "p-x", "p-y", 3),
        Renamed("person", "c", None, 4),
    ]
    with store.transaction() as transaction:
        transaction.rename([*chain, *others])
    store.close()
    last = f"p-{LINKS}"
    asked = ["p-0", f"p-{LINKS - 1}", last, "a", "c", "p-x", "unheard-of"]
    assert roots(database_url, asked) == {"p-0": last, f"p-{LINKS - 1}": last}
