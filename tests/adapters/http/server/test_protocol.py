"""No client can take more than its share of bytes, seconds and connections, and what is not HTTP gets a problem."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from random import Random

import msgspec
import psutil
import pytest
import uvicorn
from msgspec import Struct
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from adapters.http.server.config import SECURITY, server_config
from adapters.http.server.limits import Limits, connections_of

QUICK = Limits(
    connections=40,
    head_bytes=8_000,
    head_seconds=0.5,
    body_seconds=0.5,
    unread_seconds=0.5,
    unsent_bytes=4_000_000,
)
GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
LAST = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
CHUNK = 200_000
SECONDS = 20


async def echo(request: Request) -> Response:
    try:
        return Response(str(len(await request.body())))
    except ClientDisconnect:
        return Response(status_code=400)


async def flood(_: Request) -> StreamingResponse:
    async def chunks() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * CHUNK

    return StreamingResponse(chunks())


APP = Starlette(routes=[Route("/", echo, methods=["GET", "POST"]), Route("/flood", flood)])


async def until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not reached():  # noqa: ASYNC110 - the server's state has no events
            await asyncio.sleep(0.05)


class Served(Struct):
    """A server that runs, and its port."""

    server: uvicorn.Server
    port: int

    @property
    def open(self) -> int:
        return len(self.server.server_state.connections)

    async def connect(
        self, *sent: bytes, limit: int = 2**16
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=limit)
        for each in sent:
            writer.write(each)
        return reader, writer

    async def ask(self, *sent: bytes) -> bytes:
        """Send, and return all that is answered until the server closes the connection."""
        reader, writer = await self.connect(*sent)
        try:
            return await asyncio.wait_for(reader.read(), SECONDS)
        except ConnectionError:
            return b""
        finally:
            writer.close()

    async def until_closed(self) -> None:
        await until(lambda: not self.open and not self.server.server_state.tasks)


@asynccontextmanager
async def serving(limits: Limits = QUICK) -> AsyncIterator[Served]:
    config = server_config(APP, limits, port=0, log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells by a flag
        await asyncio.sleep(0.005)
    yield Served(server, server.servers[0].sockets[0].getsockname()[1])
    server.should_exit = True
    await running


def problem(answer: bytes) -> tuple[int, str]:
    """Return status and code of a problem, which has the headers that every answer has."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    for name, value in SECURITY:
        assert f"{name}: {value}".encode() in head
    told = msgspec.json.decode(body)
    assert int(head.split()[1]) == told["status"]
    return told["status"], told["code"]


@pytest.mark.parametrize(
    "sent,expected",
    [
        ([GET[:-2] + b"a: " + b"a" * 20_000], (431, "head-too-large")),
        ([GET[:-2] + b"a: b\r\n" * 4_000], (431, "head-too-large")),
        ([b"GET /?" + b"a" * 20_000], (431, "head-too-large")),
        ([POST + b"transfer-encoding: chunked\r\n\r\n5;", b"e" * 20_000], (431, "head-too-large")),
        (
            [POST + b"transfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nt: ", b"e" * 20_000],
            (431, "head-too-large"),
        ),
        ([GET[:-2]], (408, "too-slow")),
        ([b"G"], (408, "too-slow")),
        ([POST + b"content-length: 5\r\n\r\nab"], (408, "too-slow")),
        ([POST + b"transfer-encoding: chunked\r\n\r\n5\r\nab"], (408, "too-slow")),
        (["GET /中 HTTP/1.1\r\nhost: x\r\n\r\n".encode()], (400, "bad-address")),
        (["GET /?a=中 HTTP/1.1\r\nhost: x\r\n\r\n".encode()], (400, "bad-address")),
        ([b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"], (400, "not-http")),
        ([b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"], (400, "not-http")),
        ([b"GET / HTTP/1.1\r\nhost: x\r\na b: c\r\n\r\n"], (400, "not-http")),
        ([POST + b"content-length: -1\r\n\r\n"], (400, "not-http")),
    ],
)
async def test_what_is_too_much_too_slow_or_not_http_is_a_problem(
    sent: Sequence[bytes], expected: tuple[int, str]
) -> None:
    async with serving() as served:
        assert problem(await served.ask(*sent)) == expected
        await served.until_closed()


async def test_what_asks_for_nothing_is_closed_in_silence() -> None:
    async with serving() as served:
        assert await served.ask() == b""
        assert await served.ask(b"\r\n") == b""


async def test_a_body_of_many_pieces_and_many_requests_at_once_are_no_head() -> None:
    async with serving() as served:
        body = b"%b%b" % (POST + b"content-length: 300000\r\n\r\n", b"a" * 300_000)
        assert (await served.ask(body)).endswith(b"300000")
        answers = await served.ask(GET * 2000 + LAST)
        assert answers.count(b"200 OK") == 2001


async def test_a_request_however_it_is_cut_is_answered() -> None:
    async with serving() as served:
        sent, random = POST + b"content-length: 12\r\n\r\nhello, world", Random(1)
        for _ in range(20):
            reader, writer = await served.connect()
            cuts = sorted(random.sample(range(1, len(sent)), 3))
            for first, last in zip([0, *cuts], [*cuts, len(sent)], strict=True):
                writer.write(sent[first:last])
                await asyncio.sleep(0)
            assert (await reader.read()).endswith(b"\r\n\r\n12")
            writer.close()


async def test_half_sent_requests_keep_nobody_out_and_do_not_stay() -> None:
    async with serving(msgspec.structs.replace(QUICK, head_seconds=3)) as served:
        half = [await served.connect(b"GET / HT") for _ in range(5 * QUICK.connections)]
        assert served.open <= QUICK.connections + 1
        assert b"200 OK" in await served.ask(LAST)
        await served.until_closed()
        for _, writer in half:
            writer.close()


async def test_who_works_is_not_closed_for_one_more() -> None:
    async with serving(msgspec.structs.replace(QUICK, connections=2, unread_seconds=60)) as served:
        readers = [await served.connect(GET.replace(b"/ ", b"/flood ")) for _ in range(2)]
        for reader, _ in readers:
            await reader.readexactly(CHUNK)
        assert problem(await served.ask(LAST)) == (503, "too-many-connections")
        for reader, writer in readers:
            await reader.readexactly(CHUNK)
            writer.close()


async def test_who_does_not_read_is_dropped_and_the_memory_comes_back() -> None:
    limits = msgspec.structs.replace(QUICK, connections=500)
    async with serving(limits) as served:
        gc.collect()
        before = psutil.Process().memory_info().rss
        flooded = [await served.connect(GET.replace(b"/ ", b"/flood "), limit=1024) for _ in range(250)]
        await until(lambda: served.open < len(flooded))
        assert b"200 OK" in await served.ask(LAST)
        assert psutil.Process().memory_info().rss < before + 80_000_000
        await served.until_closed()
        for _, writer in flooded:
            writer.close()


async def test_who_reads_slowly_is_served() -> None:
    async with serving(msgspec.structs.replace(QUICK, unread_seconds=1)) as served:
        reader, writer = await served.connect(GET.replace(b"/ ", b"/flood "), limit=1024)
        for _ in range(60):
            await reader.readexactly(5 * CHUNK)
            await asyncio.sleep(0.05)
        assert served.open == 1
        writer.close()


@pytest.mark.parametrize("seed", range(4))
async def test_any_bytes_get_http_or_nothing_and_the_next_client_is_served(seed: int) -> None:
    random = Random(seed)
    async with serving() as served:
        for _ in range(60):
            sent = bytearray(random.choice([GET, POST + b"content-length: 3\r\n\r\nabc", LAST]))
            for _ in range(random.randint(1, 5)):
                at = random.randrange(len(sent))
                sent[at : at + random.randint(0, 2)] = random.randbytes(random.randint(0, 3))
            reader, writer = await served.connect(bytes(sent))
            if writer.can_write_eof():
                writer.write_eof()
            answer = await asyncio.wait_for(reader.read(), SECONDS)
            assert not answer or answer.startswith(b"HTTP/1.1 "), bytes(sent)
            assert b"HTTP/1.1 5" not in answer, bytes(sent)
            writer.close()
        assert b"200 OK" in await served.ask(LAST)


@pytest.mark.parametrize("descriptors,most", [(20, 10), (256, 128), (1024, 832), (1_048_576, 4096)])
def test_descriptors_are_kept_for_those_who_work(descriptors: int, most: int) -> None:
    assert connections_of(descriptors) == most
