"""An answer with evidence: what it rests on, and receipts that hold offline, against the answer."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import httpx
import pytest

from events.clock import instant
from events.entry import Stored
from streams.tree.verifier import open_checkpoint, open_receipts
from tests.adapters.http.client import get
from tests.adapters.http.conftest import World, enrolled, promoted, registered
from tests.adapters.http.log.test_proof import log_keys
from tests.logs.cloudevents import event


async def receipts(client: httpx.AsyncClient, world: World, evidence: Any) -> list[int]:
    """Follow the link, and hold what is there with the log's keys alone; return the positions of the events."""
    text = (await client.get(evidence["receipt"])).raise_for_status().text
    found = open_receipts(text, log_keys(world))
    # What is in the log there is what the receipt has.
    assert [Stored(each.index + 1, each.entry) for each in found] == [
        *(stored for each in found for stored in world.log.read(each.index, each.index + 1)),
    ]
    return [each.index + 1 for each in found]


async def sealed(client: httpx.AsyncClient, path: str) -> str:
    return sha256((await client.get(path)).raise_for_status().content).hexdigest()


@pytest.fixture
def pupils(world: World) -> Sequence[str]:
    world.publish(registered("p-1"), registered("p-2"), enrolled("p-1", 1), enrolled("p-2", 2))
    world.maker.step()
    return ("p-1", "p-2")


async def test_a_row_comes_with_what_it_rests_on(
    client: httpx.AsyncClient, world: World, pupils: Sequence[str]
) -> None:
    plain = await get(client, "/persons/p-1")
    told = await get(client, "/persons/p-1?evidence=true")
    evidence = told["evidence"]
    assert (told.keys(), told["item"]) == ({"item", "evidence"}, plain)
    assert (evidence["log"], evidence["size"]) == (world.log.id, 4)
    checkpoint, _ = open_checkpoint(evidence["checkpoint"], log_keys(world))
    assert (checkpoint.origin, checkpoint.size) == (world.origin, 4)
    (row,) = evidence["rows"]
    assert row["position"] == plain["position"] == 1
    assert row["digest"] == await sealed(client, "/persons/p-1?sealed=true")
    assert await receipts(client, world, row) == [1]


async def test_rows_of_a_list_come_in_its_order(
    client: httpx.AsyncClient, world: World, pupils: Sequence[str]
) -> None:
    for query in ("", "&sort=-grade&fields=grade", "&sealed=true", "&limit=1"):
        told = await get(client, f"/students?evidence=true{query}")
        assert told["items"] == (await get(client, f"/students?{query[1:]}"))["items"]
        rows = told["evidence"]["rows"]
        assert [each["position"] for each in rows] == [each["position"] for each in told["items"]]
        for each in rows:
            assert each["digest"] == await sealed(
                client, each["receipt"].replace("/receipt", "") + "?sealed=true"
            )
            assert await receipts(client, world, each) == [each["position"]]


async def test_counts_and_rows_with_several_keys(
    client: httpx.AsyncClient, world: World, pupils: Sequence[str]
) -> None:
    told = await get(client, "/head-counts?evidence=true")
    assert [await receipts(client, world, each) for each in told["evidence"]["rows"]]
    summed = await get(client, "/head-counts?sum=change&evidence=true")
    assert (summed["evidence"]["size"], summed["evidence"]["rows"]) == (4, [])
    begun = await get(client, "/roll-history/p-1?evidence=true")
    (row,) = begun["evidence"]["rows"]
    assert await receipts(client, world, row) == [3]


async def test_a_row_as_it_was(client: httpx.AsyncClient, world: World, pupils: Sequence[str]) -> None:
    then = instant(world.codec.decode(world.log.read(3, 4)[0]).recorded_at).isoformat().replace("+00:00", "Z")
    before = await get(client, f"/students/p-1?known_at={then}")
    world.publish(promoted("p-1"))
    world.maker.step()
    for path in ("/students/p-1?", "/students?person=p-1&"):
        told = await get(client, f"{path}known_at={then}&evidence=true")
        assert before in (told.get("item"), *told.get("items", ()))
        (row,) = told["evidence"]["rows"]
        assert (row["position"], told["evidence"]["size"]) == (3, 5)
        assert row["digest"] == await sealed(client, f"/students/p-1?sealed=true&known_at={then}")
        assert await receipts(client, world, row) == [3, 5]


async def test_another_name_leads_to_the_row_that_stands(client: httpx.AsyncClient, world: World) -> None:
    world.publish(registered("p:1"), registered("p-2"))
    world.publish(event("merge", "identity.PersonsMerged", merged="p-2", surviving="p:1"))
    told = await get(client, "/persons/p-2?evidence=true")
    assert told["evidence"]["checkpoint"] is None
    (row,) = told["evidence"]["rows"]
    assert row["receipt"] == "/receipt/persons/p%3A1"
    assert (await get(client, row["receipt"], 503))["code"] == "no-checkpoint-yet"
    world.maker.step()
    assert await receipts(client, world, row) == [1, 2, 3]


async def test_evidence_is_new_at_each_checkpoint(
    client: httpx.AsyncClient, world: World, pupils: Sequence[str]
) -> None:
    for path in ("/students/p-1", "/students"):
        etag = (await client.get(path)).headers["etag"]
        answer = await client.get(f"{path}?evidence=true", headers={"if-none-match": etag})
        assert (answer.status_code, "etag" in answer.headers) == (200, False)
        assert "evidence" not in await get(client, f"{path}?evidence=false")
    assert (await get(client, "/students?evidence=x", 400))["parameter"] == "evidence"
