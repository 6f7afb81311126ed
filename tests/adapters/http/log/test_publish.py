"""`POST /events` over the real log: every mode, every answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from adapters.contracts.codec import AvroCodec
from adapters.door.door import Door
from adapters.http.log.publish import INLINE_BYTES, Publications
from adapters.http.protocol.problems import HANDLERS
from adapters.keys.sealer import Sealer
from adapters.keys.sqlite import database
from adapters.keys.store import open_store
from adapters.postgres.log.log import PostgresLog
from domain.catalogue import RULES
from events.clock import instant, micros
from streams.history.histories import Histories
from streams.ports import LogUnavailable
from streams.publish.committer import Committer, Overloaded
from streams.publish.judge import Judge
from streams.publish.new_keys import NewKeys
from streams.publish.publisher import Publisher
from streams.publish.request import Request
from streams.publish.warm_folds import WarmFolds
from tests.logs.memory_log import MemoryLog

STRUCTURED = {"content-type": "application/cloudevents+json"}
BATCH = {"content-type": "application/cloudevents-batch+json; charset=UTF-8"}
NOW = micros(instant(0).replace(year=2025))
ROOMY = 1 << 26


@pytest.fixture
def sealer(tmp_path: Path) -> Iterator[Sealer]:
    store = open_store(f"sqlite:///{tmp_path}/keys.db")
    yield Sealer(store.keys, store.secrets)
    store.close()


@pytest.fixture
def door(sealer: Sealer) -> Door:
    return Door(AvroCodec(), sealer)


@pytest.fixture
def committer(database_url: str, sealer: Sealer) -> Iterator[Committer]:
    log, codec = PostgresLog(database_url), AvroCodec()
    judge = Judge(RULES, WarmFolds(Histories(log, codec), ROOMY))
    committer = Committer(Publisher(log, codec, judge, lambda: NOW, NewKeys(sealer.keys)))
    committer.start()
    yield committer
    committer.stop()
    log.close()


def client_of(door: Door, committer: Any, most_bytes: int = 1 << 20) -> httpx.AsyncClient:
    publish = Publications(door, committer, most_bytes=most_bytes).answer
    routes = [Route("/events", publish, methods=["POST"])]
    app = Starlette(routes=routes, exception_handlers=dict(HANDLERS))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test")


@pytest.fixture
async def client(door: Door, committer: Committer) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(door, committer) as client:
        yield client


def school(number: str, **changes: Any) -> dict[str, Any]:
    data = {"school": number, "name": f"School {number}", "district": "310115", "stages": ["primary"]}
    return {
        "specversion": "1.0",
        "id": f"registered-{number}",
        "source": "urn:test",
        "type": "roll.SchoolRegistered",
        "time": "2024-09-01T08:00:00+08:00",
        "data": data,
        **changes,
    }


async def post(
    client: httpx.AsyncClient, body: Any, headers: dict[str, str] = STRUCTURED, query: str = ""
) -> httpx.Response:
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return await client.post(f"/events{query}", content=content, headers=headers)


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    told: dict[str, Any] = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert (response.status_code, told["status"], told["code"]) == (status, status, code), told
    assert told["type"] == f"urn:pujiang:problem:{code}"
    assert told["title"]
    assert told["detail"]
    return told


def words(response: httpx.Response) -> list[str]:
    return [each["verdict"] for each in response.json()["verdicts"]]


async def test_a_new_event_is_recorded(client: httpx.AsyncClient) -> None:
    response = await post(client, school("1"))
    assert response.status_code == 201
    assert response.json() == {"verdict": "recorded", "position": 1}
    assert response.headers["location"] == "/events/1"


async def test_the_same_event_again_is_told_its_first_position(client: httpx.AsyncClient) -> None:
    await post(client, school("1"))
    response = await post(client, school("1", traceparent="00-extension"))
    assert response.status_code == 200
    assert response.json() == {"verdict": "repeated", "position": 1}


async def test_what_was_taken_back_and_comes_again_is_told_so_with_both_positions(
    client: httpx.AsyncClient,
) -> None:
    data = {
        "event": "urn:test#registered-1",
        "event_type": "roll.SchoolRegistered",
        "carries": ["school:1", "district:310115"],
        "reason": "entered-by-mistake",
    }
    retraction = school("r", type="audit.EventRetracted", data=data)
    sent = [await post(client, each) for each in (school("1"), retraction, school("1"))]
    assert [each.status_code for each in sent] == [201, 201, 200], sent[1].text
    assert sent[2].json() == {"verdict": "retracted", "position": 1, "retraction": 2}
    assert (await post(client, school("1", id="anew"))).status_code == 201


async def test_personal_data_repeats_as_the_same_event(client: httpx.AsyncClient) -> None:
    data = {"person": "p-1", "name": "王小明", "document": "31010120150505123X"}
    person = school("x", type="identity.PersonRegistered", data=data)
    first, again = await post(client, person), await post(client, person)
    other = await post(client, {**person, "data": {**data, "name": "王大明"}})
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)


async def test_another_event_under_the_same_identity_clashes(client: httpx.AsyncClient) -> None:
    await post(client, school("1"))
    response = await post(client, school("2", id="registered-1"))
    assert problem(response, 409, "clash")["position"] == 1


async def test_a_refused_event_is_told_code_sentence_and_rule(client: httpx.AsyncClient) -> None:
    await post(client, school("1"))
    response = await post(client, school("1", id="again"))
    assert response.status_code == 422
    assert problem(response, 422, response.json()["code"])["rule"]


async def test_a_malformed_event_is_told_what_and_where(client: httpx.AsyncClient) -> None:
    event = school("1")
    event["data"]["stages"] = ["primary", "none"]
    told = problem(await post(client, event), 400, "invalid")
    assert told["errors"][0]["pointer"] == "/data/stages/1"
    problem(await post(client, b"{"), 400, "malformed")


async def test_binary_mode(client: httpx.AsyncClient) -> None:
    event = school("1")
    data = event.pop("data")
    headers = {"content-type": "application/json", **{f"ce-{name}": value for name, value in event.items()}}
    assert (await post(client, data, headers)).status_code == 201
    del headers["content-type"]
    assert (await post(client, data, headers)).status_code == 200
    assert (await post(client, school("1"))).status_code == 200


async def test_a_batch_has_a_verdict_for_each_event_in_order(client: httpx.AsyncClient) -> None:
    await post(client, school("1"))
    closed = school("2", id="closed-2", type="roll.SchoolClosed", data={"school": "2", "reason": ""})
    events = [school("1"), school("2"), school("2", id="twice"), closed, school("3", id="registered-1")]
    response = await post(client, events, BATCH)
    assert response.status_code == 200
    assert words(response) == ["repeated", "recorded", "refused", "recorded", "clash"]
    refused = response.json()["verdicts"][2]
    assert refused.keys() == {"verdict", "code", "sentence", "rule"}


async def test_nothing_of_a_batch_with_a_malformed_event_is_written(client: httpx.AsyncClient) -> None:
    response = await post(client, [school("1"), school("2", time="noon"), {}, school("3", type="x.y")], BATCH)
    told = problem(response, 400, "invalid")
    assert list(dict.fromkeys(each["pointer"] for each in told["errors"])) == ["/1/time", "/2", "/3/type"]
    assert (await post(client, school("1"))).json()["position"] == 1


async def test_an_atomic_batch_is_all_or_nothing(client: httpx.AsyncClient) -> None:
    response = await post(client, [school("1"), school("1", id="again")], BATCH, "?atomic=true")
    verdicts = problem(response, 422, "not-admitted")["verdicts"]
    assert [each["verdict"] for each in verdicts] == ["admissible", "refused"]
    response = await post(client, [school("1"), school("2")], BATCH, "?atomic=true")
    assert response.status_code == 201
    assert [each["position"] for each in response.json()["verdicts"]] == [1, 2]


async def test_a_dry_run_writes_nothing(client: httpx.AsyncClient) -> None:
    for _ in range(2):
        response = await post(client, school("1"), query="?dry_run=true")
        assert (response.status_code, response.json()) == (200, {"verdict": "admissible"})
    batch = [school("1"), school("1", id="again")]
    assert words(await post(client, batch, BATCH, "?dry_run=true")) == ["admissible", "refused"]
    assert (await post(client, batch, BATCH, "?dry_run=true&atomic=true")).status_code == 422
    assert (await post(client, school("1"))).json()["position"] == 1


async def test_large_batches_and_many_requests_at_once(client: httpx.AsyncClient) -> None:
    large = [school(f"l-{number}") for number in range(500)]
    assert len(msgspec.json.encode(large)) > INLINE_BYTES
    many = [post(client, school(f"m-{number}")) for number in range(64)]
    answers = await asyncio.gather(post(client, large, BATCH), *many)
    positions = [each.json()["position"] for each in answers[1:]]
    positions += [each["position"] for each in answers[0].json()["verdicts"]]
    assert sorted(positions) == list(range(1, 565))


async def test_an_empty_batch_has_no_verdicts(client: httpx.AsyncClient) -> None:
    response = await post(client, [], BATCH)
    assert (response.status_code, response.json()) == (200, {"verdicts": []})


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "application/json"},
        {"content-type": "text/plain", "ce-specversion": "1.0"},
        {"content-type": "application/cloudevents+json; charset=gbk"},
        {**STRUCTURED, "content-encoding": "gzip"},
        {},
    ],
)
async def test_other_content_is_not_supported(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    response = await post(client, school("1"), headers)
    problem(response, 415, "unsupported-media-type")
    assert "application/cloudevents+json" in response.headers["accept-post"]


@pytest.mark.parametrize("query", ["?atomic=yes", "?other=true", "?dry_run="])
async def test_unknown_parameters_are_told(client: httpx.AsyncClient, query: str) -> None:
    assert problem(await post(client, school("1"), query=query), 400, "bad-parameter")["parameter"]


async def test_a_body_too_large_is_not_read_on(door: Door, committer: Committer) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b" " * 1000

    async with client_of(door, committer, most_bytes=10_000) as client:
        problem(await post(client, b" " * 10_001), 413, "too-large")
        response = await client.post("/events", content=endless(), headers=STRUCTURED)
    problem(response, 413, "too-large")
    assert read == 11


async def test_an_event_too_large_for_the_log_is_told(client: httpx.AsyncClient) -> None:
    data = {"project": "p", "datasets": ["d" * 64] * 1000}
    problem(await post(client, school("1", type="projects.ProjectLinked", data=data)), 413, "too-large")


class Busy:
    """A committer that fails as it is told."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def submit(self, _: Request) -> Future[Request]:
        if isinstance(self.error, Overloaded):
            raise self.error
        future: Future[Request] = Future()
        future.set_exception(self.error)
        return future


@pytest.mark.parametrize(
    "error, code",
    [(Overloaded("full"), "overloaded"), (LogUnavailable("the disk is full"), "log-unavailable")],
)
async def test_overload_and_an_unavailable_log_ask_to_come_again(
    door: Door, error: Exception, code: str
) -> None:
    async with client_of(door, Busy(error)) as client:
        response = await post(client, school("1"))
    problem(response, 503, code)
    assert int(response.headers["retry-after"]) > 0


async def test_a_key_store_that_takes_nothing_asks_to_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_PRAGMAS", (*database._PRAGMAS, "max_page_count=20"))
    store, codec, log = open_store(f"sqlite:///{tmp_path}/full.db"), AvroCodec(), MemoryLog()
    door, judge = (
        Door(codec, Sealer(store.keys, store.secrets)),
        Judge(RULES, WarmFolds(Histories(log, codec), ROOMY)),
    )
    full = Committer(Publisher(log, codec, judge, lambda: NOW, NewKeys(store.keys)))
    full.start()
    people = [
        school(str(number), type="identity.PersonRegistered", data={"person": f"p-{number}", "name": "n"})
        for number in range(500)
    ]
    async with client_of(door, full) as client:
        response = await post(client, people, BATCH)
    full.stop()
    problem(response, 503, "keys-unavailable")
    assert "retry-after" in response.headers
    assert log.head() == 0
    store.close()


async def test_a_fault_is_a_problem_too(door: Door) -> None:
    async with client_of(door, Busy(RuntimeError("broken"))) as client:
        problem(await post(client, school("1")), 500, "fault")


async def test_what_else_goes_wrong_is_a_problem_too(client: httpx.AsyncClient) -> None:
    problem(await client.get("/events"), 405, "method-not-allowed")
    problem(await client.post("/nothing"), 404, "not-found")
