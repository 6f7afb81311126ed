"""What an erased person's data looks like to those who ask: null, and not the same version as before."""

from __future__ import annotations

from typing import Any

import httpx

from adapters.clock import now
from streams.erasure.certificate import SealedFields, check
from streams.erasure.eraser import Eraser
from tests.adapters.http.conftest import World, enrolled, registered
from tests.logs.cloudevents import event


def erased(person: str) -> dict[str, Any]:
    return event(f"erase-{person}", "identity.PersonErased", person=person, request="urn:test#r")


def erase(world: World, person: str) -> None:
    world.append(erased(person))
    assert Eraser(world.log, world.codec, world.key_store.keys, world.key_store.bookmarks, now).step() == 1


async def test_a_row_that_has_not_moved_is_another_version_once_it_is_erased(
    world: World, client: httpx.AsyncClient
) -> None:
    world.publish(registered("p-1"), registered("p-2", "李雷"))
    rows = {name: await client.get(f"/known-people/{name}") for name in ("p-1", "p-2")}
    listed, dated = await client.get("/known-people"), await client.get("/known-people/p-1?fields=name")
    assert rows["p-1"].json()["name"] == "王小明"
    schools = await client.get("/students?limit=1")
    erase(world, "p-1")
    for before in (rows["p-1"], listed, dated):
        again = await client.get(before.request.url, headers={"if-none-match": before.headers["etag"]})
        assert again.status_code == 200
        assert "王小明" not in again.text
    assert (await client.get("/known-people/p-1")).json()["name"] is None
    assert (await client.get("/known-people/p-2")).json() == rows["p-2"].json()
    unsealed = await client.get("/students?limit=1", headers={"if-none-match": schools.headers["etag"]})
    assert unsealed.status_code == 304


async def test_history_explanations_and_the_past_show_it_erased(
    world: World, client: httpx.AsyncClient
) -> None:
    world.publish(registered("p-1"))
    known_at = (await client.get("/events/1")).json()["recordedtime"]
    erase(world, "p-1")
    world.project()
    assert (await client.get("/events/1")).json()["data"]["name"] is None
    row = (await client.get("/persons/p-1")).json()
    assert (row["status"], row["name"]) == ("erased", None)
    past = (await client.get("/persons/p-1", params={"known_at": known_at})).json()
    assert (past["status"], past["name"]) == ("registered", None)
    for address in ("/explain/persons/p-1", "/persons/export", "/events?tag=person:p-1"):
        answer = await client.get(address)
        assert answer.is_success
        assert "王小明" not in answer.text


async def test_an_erased_person_is_not_found_by_name(world: World, client: httpx.AsyncClient) -> None:
    world.publish(registered("p-1"), registered("p-2"))
    erase(world, "p-1")
    world.project()
    found = (await client.get("/persons", params={"name": "王小明"})).json()["items"]
    assert [each["person"] for each in found] == ["p-2"]


async def test_a_certificate_tells_what_is_gone_and_is_checked_offline(
    world: World, client: httpx.AsyncClient
) -> None:
    world.append(registered("p-1", birth_date="2012-03-04"), registered("p-2"), enrolled("p-1"))
    assert (await client.get("/erasure/p-1/certificate")).json()["code"] == "no-checkpoint-yet"
    world.maker.step()
    assert (await client.get("/erasure/p-1/certificate")).json()["code"] == "not-erased"
    world.append(erased("p-1"))
    answer = await client.get("/erasure/p-1/certificate")
    assert (answer.status_code, answer.json()["code"]) == (503, "not-erased-yet")
    assert answer.json()["detail"] == "the erasure at position 4 is not in a checkpoint yet"
    world.maker.step()
    answer = await client.get("/erasure/p-1/certificate")
    assert answer.json()["detail"] == "the keys of person:p-1 are not destroyed yet"
    Eraser(world.log, world.codec, world.key_store.keys, world.key_store.bookmarks, now).step()
    answer = await client.get("/erasure/p-1/certificate")
    assert answer.status_code == 200
    key = world.keys.of_log(world.origin)[-1].key
    told = check(answer.text, [key], world.codec)
    assert told.unreadable == [SealedFields(1, "identity.PersonRegistered", ["name", "birth_date"])]
    assert (told.person, told.position, told.also) == ("person:p-1", 4, [])
    assert "school:s-1" in told.tags
    assert "person:p-2" not in told.tags
    assert (await client.get("/erasure/p-1/certificate?x=1")).status_code == 400
