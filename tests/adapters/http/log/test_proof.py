"""The log as a transparency log: what others' tools fetch, and that it proves what it should."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import Any

import httpx
import pytest

from adapters.keys.signing import Signer
from events.entry import Proposal
from streams.tree.merkle import Tree, split
from streams.tree.verifier import (
    ED25519,
    Checkpoint,
    Key,
    Note,
    Signature,
    Unproven,
    check_consistency,
    check_inclusion,
    leaf_hash,
    open_checkpoint,
    open_receipt,
    open_receipts,
)
from tests.adapters.http.client import get
from tests.adapters.http.conftest import World, enrolled, promoted, registered
from tests.logs.cloudevents import event

OTHER = Signer("other.example/log", ED25519, bytes(32))
FOR_EVER = "max-age=31536000, immutable"


def fill(world: World, size: int) -> None:
    first = world.log.head()
    world.log.append([Proposal("s", str(n), "x", n, ("a",), b"%d" % n) for n in range(first, size)])
    world.maker.step()


def log_keys(world: World) -> list[Key]:
    return [each.key for each in world.keys.of_log(world.origin)]


def hashes(told: list[str]) -> list[bytes]:
    return [bytes.fromhex(each) for each in told]


async def test_the_checkpoint_is_the_signed_head(client: httpx.AsyncClient, world: World) -> None:
    assert (await get(client, "/checkpoint", 503))["code"] == "no-checkpoint-yet"
    fill(world, 3)
    answer = await client.get("/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    checkpoint, _ = open_checkpoint(answer.text, log_keys(world))
    assert checkpoint == Checkpoint(world.origin, 3, world.log.tree().root)


async def test_a_new_key_signs_and_the_one_before_it_too(client: httpx.AsyncClient, world: World) -> None:
    fill(world, 1)
    (first,) = log_keys(world)
    for size in (2, 3):
        world.keys.rotate(world.origin)
        fill(world, size)
        found, signers = open_checkpoint((await client.get("/checkpoint")).text, log_keys(world))
        assert (found.size, signers) == (size, log_keys(world)[-2:])
    with pytest.raises(Unproven, match="no key that was given"):
        open_checkpoint((await client.get("/checkpoint")).text, [first])
    assert len({each.id for each in log_keys(world)}) == 3


async def test_the_tree_follows_from_its_tiles(client: httpx.AsyncClient, world: World) -> None:
    fill(world, 600)
    tiles = [(await client.get(f"/tile/0/{each}")) for each in ("000", "001", "002.p/88")]
    leaves = [leaf for each in tiles for leaf in split(each.content)]
    assert Tree().grown(leaves)[0].root == world.log.tree().root
    roots = [Tree().grown(leaves[at : at + 256])[0].root for at in (0, 256)]
    assert (await client.get("/tile/1/000.p/2")).content == b"".join(roots)
    for each in tiles:
        assert each.headers["content-type"] == "application/octet-stream"
        assert each.headers["cache-control"] == f"public, {FOR_EVER}"


async def test_entries_come_with_their_lengths(client: httpx.AsyncClient, world: World) -> None:
    fill(world, 300)
    whole = await client.get("/tile/entries/000")
    assert whole.headers["cache-control"] == f"private, {FOR_EVER}"
    bundle, found = whole.content + (await client.get("/tile/entries/001.p/44")).content, []
    while bundle:
        size = int.from_bytes(bundle[:2], "big")
        found.append(bundle[2 : 2 + size])
        bundle = bundle[2 + size :]
    assert found == [each.entry for each in world.log.read()]


@pytest.mark.parametrize(
    "accepted, encoding",
    [
        ("gzip, identity", "gzip"),
        ("br;q=1.0, GZIP;q=0.5", "gzip"),
        ("identity", None),
        ("gzip;q=0", None),
        ("gzip;q=0.0, *", None),
        ("x-gzip", None),
        ("", None),
    ],
)
async def test_entries_come_compressed_to_who_takes_that(
    client: httpx.AsyncClient, world: World, accepted: str, encoding: str | None
) -> None:
    fill(world, 300)
    answer = await client.get("/tile/entries/000", headers={"accept-encoding": accepted})
    assert (answer.headers.get("content-encoding"), answer.headers["vary"]) == (encoding, "accept-encoding")
    plain = await client.get("/tile/entries/000", headers={"accept-encoding": "identity"})
    assert answer.content == plain.content
    assert (len(plain.content) > int(answer.headers["content-length"])) == bool(encoding)
    hashes = await client.get("/tile/0/000", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in hashes.headers


@pytest.mark.parametrize(
    "path",
    [
        "0/002",
        "0/001",
        "0/001.p/45",
        "entries/001",
        "entries/001.p/45",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/01",
        "0/0",
        "0/x000/001",
        "0/001/000",
        "00/000",
        "64/000",
        "1/000",
        "63/000",
        "-1/000",
        "0/" + "x999/" * 20 + "999",
        "data/000",
        "0",
        "",
    ],
)
async def test_no_other_tiles(client: httpx.AsyncClient, world: World, path: str) -> None:
    fill(world, 300)
    assert (await get(client, f"/tile/{path}", 404))["code"] == "no-such-tile"


async def test_a_partial_tile_stays(client: httpx.AsyncClient, world: World) -> None:
    fill(world, 300)
    before = (await client.get("/tile/0/001.p/44")).content
    fill(world, 600)
    assert (await client.get("/tile/0/001.p/44")).content == before
    assert (await client.get("/tile/0/001")).content[: len(before)] == before


async def test_inclusion(client: httpx.AsyncClient, world: World) -> None:
    fill(world, 600)
    for position, size in ((1, 1), (1, 600), (256, 256), (257, 300), (600, 600)):
        told = await get(client, f"/proof/inclusion?position={position}&size={size}")
        entry = world.log.read(position - 1, position)[0].entry
        assert (told["log"], told["position"], told["size"]) == (world.log.id, position, size)
        assert bytes.fromhex(told["leaf"]) == leaf_hash(entry)
        path, root = hashes(told["path"]), bytes.fromhex(told["root"])
        check_inclusion(position - 1, size, leaf_hash(entry), path, root)
    told = await get(client, "/proof/inclusion?position=7")
    assert (told["size"], told["root"]) == (600, world.log.tree().root.hex())


async def test_consistency(client: httpx.AsyncClient, world: World) -> None:
    fill(world, 600)
    for old, new in ((1, 1), (1, 600), (256, 600), (300, 513), (600, 600)):
        told = await get(client, f"/proof/consistency?from={old}&to={new}")
        roots = bytes.fromhex(told["from_root"]), bytes.fromhex(told["to_root"])
        check_consistency(old, roots[0], new, roots[1], hashes(told["path"]))
    assert (await get(client, "/proof/consistency?from=7"))["to"] == 600


@pytest.mark.parametrize(
    "query",
    [
        "inclusion",
        "inclusion?position=0",
        "inclusion?position=6",
        "inclusion?position=3&size=2",
        "inclusion?position=1&size=6",
        "inclusion?position=1&size=0",
        "inclusion?position=1&position=1",
        "inclusion?position=x",
        "inclusion?position=1&from=1",
        "consistency",
        "consistency?from=0",
        "consistency?from=0&to=0",
        "consistency?from=3&to=2",
        "consistency?from=1&to=6",
        "consistency?from=6",
        "consistency?from=-1&to=2",
    ],
)
async def test_what_cannot_be_proved_answers_400(client: httpx.AsyncClient, world: World, query: str) -> None:
    fill(world, 5)
    assert (await get(client, f"/proof/{query}", 400))["code"] == "bad-parameter"


async def test_nothing_is_proved_of_the_empty_log(client: httpx.AsyncClient, world: World) -> None:
    assert (await get(client, "/proof/inclusion?position=1", 400))["parameter"] == "position"
    assert (await get(client, "/proof/consistency?from=1", 400))["parameter"] == "from"


async def test_the_receipt_of_an_event(client: httpx.AsyncClient, world: World) -> None:
    world.append(registered("p-1"))
    assert (await get(client, "/events/1/receipt", 503))["code"] == "no-checkpoint-yet"
    fill(world, 300)
    entry = (await client.get("/events/1", headers={"accept": "application/octet-stream"})).content
    answer = await client.get("/events/1/receipt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    found = open_receipt(answer.text, log_keys(world))
    assert (found.index, found.entry) == (0, entry)
    world.append(registered("p-2"))
    assert (await get(client, "/events/301/receipt", 503))["detail"].startswith(
        "no checkpoint covers position 301"
    )
    assert (await get(client, "/events/302/receipt", 404))["code"] == "no-such-event"
    assert (await get(client, "/events/0/receipt", 404))["code"] == "no-such-event"
    assert (await get(client, "/events/1/receipt?size=2", 400))["code"] == "bad-parameter"


async def test_the_receipt_of_a_row(client: httpx.AsyncClient, world: World) -> None:
    world.publish(registered("p-1"), registered("p-2"), enrolled("p-1", 1), enrolled("p-2", 2))
    world.publish(promoted("p-1"))
    world.maker.step()
    told = await get(client, "/receipt/students/p-1")
    assert (told["model"], told["key"]) == ("students", {"person": "p-1"})
    assert "pujiang replay" in told["does_not_prove"]
    assert positions(told, world) == [3, 5]
    assert (await get(client, "/receipt/students/p-9", 404))["code"] == "no-such-row"
    assert (await get(client, "/receipt/students/p-1/x", 404))["code"] == "unknown-address"
    assert (await get(client, "/receipt/nothing/p-1", 404))["code"] == "unknown-address"
    assert (await get(client, "/receipt/students/p-1?sealed=true", 400))["code"] == "bad-parameter"


def positions(told: Any, world: World) -> list[int]:
    text = httpx.Response(200, json=told).text
    return [each.index + 1 for each in open_receipts(text, log_keys(world))]


async def test_the_receipt_of_a_merged_row_has_the_merger(client: httpx.AsyncClient, world: World) -> None:
    world.publish(registered("p-1"), registered("p-2", "王晓明"))
    world.publish(event("merge", "identity.PersonsMerged", merged="p-2", surviving="p-1"))
    world.maker.step()
    for person in ("p-1", "p-2"):
        told = await get(client, f"/receipt/persons/{person}")
        assert told["key"] == {"person": "p-1"}
        assert positions(told, world) == [1, 2, 3]


async def test_a_row_of_too_many_events_has_no_receipt(
    client: httpx.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.http.log.receipts.MOST_EVENTS", 1)
    world.publish(
        registered("p-1"), event("again", "identity.PersonDetailsCorrected", person="p-1", name="李")
    )
    world.maker.step()
    assert (await get(client, "/receipt/persons/p-1", 422))["code"] == "too-many-events"


def submission(
    size: int, old: int = 0, *path: bytes, origin: str = OTHER.key.name, first: int = 0, root: bytes = b""
) -> str:
    leaves = [leaf_hash(b"%d" % n) for n in range(first, first + size)]
    text = str(Checkpoint(origin, size, root or Tree().grown(leaves)[0].root))
    lines = "".join(b64encode(each).decode() + "\n" for each in path)
    return f"old {old}\n{lines}\n{text}\n{OTHER.sign(text)}"


async def test_another_log_is_witnessed(client: httpx.AsyncClient, world: World) -> None:
    answer = await client.post("/add-checkpoint", content=submission(2))
    assert answer.status_code == 200
    line = Signature.read(answer.text.removesuffix("\n"))
    cosigner = world.keys.witness("example.org/witness").key
    cosigner.verify(Note.read(submission(2).partition("\n\n")[2]).text, line.signature)
    path = [leaf_hash(b"2")]
    assert (await client.post("/add-checkpoint", content=submission(3, 2, *path))).status_code == 200


@pytest.mark.parametrize(
    "body, status, code",
    [
        (b"", 400, "malformed"),
        (b"\xff", 400, "malformed"),
        (submission(1, 2).encode(), 400, "malformed"),
        (submission(3, 2, bytes(31)).encode(), 400, "malformed"),
        (submission(3, 2, leaf_hash(b"2"), bytes(33)).encode(), 400, "malformed"),
        (submission(3, 2, bytes(32)).encode(), 422, "not-consistent"),
        (submission(2, 2, first=7).encode(), 422, "not-consistent"),
        (submission(3, origin="x.example").encode(), 404, "unknown-log"),
        (submission(3).replace("\n3\n", "\n4\n").encode(), 403, "not-signed"),
        (bytes(70_000), 413, "too-large"),
    ],
)
async def test_what_is_not_cosigned(client: httpx.AsyncClient, body: bytes, status: int, code: str) -> None:
    await client.post("/add-checkpoint", content=submission(2))
    answer = await client.post("/add-checkpoint", content=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("body", [submission(3), submission(3, 1)])
async def test_a_log_that_is_at_another_size_is_told(client: httpx.AsyncClient, body: str) -> None:
    await client.post("/add-checkpoint", content=submission(2))
    answer = await client.post("/add-checkpoint", content=body)
    assert (answer.status_code, answer.text) == (409, "2\n")
    assert answer.headers["content-type"] == "text/x.tlog.size"


async def test_size_0_has_one_root(client: httpx.AsyncClient) -> None:
    forged = submission(0, root=bytes(32))
    for _ in range(2):
        answer = await client.post("/add-checkpoint", content=forged)
        assert (answer.status_code, answer.json()["code"]) == (422, "not-consistent")
        assert (await client.post("/add-checkpoint", content=submission(0))).status_code == 200
    assert (await client.post("/add-checkpoint", content=submission(2))).status_code == 200


async def test_monitors_read_what_was_cosigned(client: httpx.AsyncClient, world: World) -> None:
    address = f"/witness/{sha256(OTHER.key.name.encode()).hexdigest()}/checkpoint"
    assert (await get(client, address, 404))["code"] == "no-such-checkpoint"
    cosigner = world.keys.witness("example.org/witness").key
    stranger = Signer(OTHER.key.name, ED25519, bytes(range(32)))
    text = Note.read(submission(2).partition("\n\n")[2]).text
    for size, body in ((2, submission(2) + str(stranger.sign(text))), (3, submission(3, 2, leaf_hash(b"2")))):
        given = await client.post("/add-checkpoint", content=body)
        answer = await client.get(address)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
        assert answer.text.endswith(given.text)
        found, signers = open_checkpoint(answer.text, [OTHER.key, cosigner])
        assert (found.size, signers) == (size, [OTHER.key, cosigner])
        assert len(Note.read(answer.text).signatures) == 2
    shown = (await client.get(address)).text
    await client.post("/add-checkpoint", content=submission(3, 3, first=7))
    assert (await client.get(address)).text == shown
    for other in ("0" * 64, "x", address.split("/")[2].upper()):
        assert (await get(client, f"/witness/{other}/checkpoint", 404))["code"] == "no-such-checkpoint"
