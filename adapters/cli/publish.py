"""`pujiang publish`: send a file of CloudEvents to a running system, batch by batch."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, TextIO

import httpx
import msgspec
import typer
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from adapters.cli.app import console, fail, progress

BATCH = 1000
BATCH_TYPE = "application/cloudevents-batch+json"


class Busy(Exception):
    """The system is overloaded or away: the same batch may go through later."""


def publish(
    file: Annotated[str, typer.Argument(help="JSON Lines of CloudEvents; - reads standard input.")],
    url: Annotated[str, typer.Option(help="Where the system answers.")] = "http://127.0.0.1:8000",
    batch: Annotated[int, typer.Option(min=1, max=10_000, help="Events a request.")] = BATCH,
) -> None:
    """Publish a file of CloudEvents. Safe to run again: what was recorded before is not doubled.

    Refused events go with their reasons to FILE.refused.jsonl, and the exit status is 1 if there are any.
    """
    if file != "-" and not Path(file).is_file():
        raise fail(f"there is no file {file}", 2)
    told = {"recorded": 0, "repeated": 0, "refused": 0}
    refused_file = Path("stdin.refused.jsonl" if file == "-" else f"{file}.refused.jsonl")
    with ExitStack() as stack:
        lines: TextIO = sys.stdin if file == "-" else stack.enter_context(Path(file).open(encoding="utf-8"))
        client = stack.enter_context(httpx.Client(base_url=url, timeout=120))
        total = None if file == "-" else _count(Path(file))
        bar, task = stack.enter_context(progress("publishing", total))
        refused: TextIO | None = None
        try:
            for part in _batches(lines, batch):
                for line, verdict in zip(part, _send(client, part), strict=True):
                    kind = _kind(verdict)
                    told[kind] += 1
                    if kind == "refused":
                        refused = refused or stack.enter_context(refused_file.open("w", encoding="utf-8"))
                        refused.write(json.dumps({"event": _loaded(line), "verdict": verdict}) + "\n")
                bar.advance(task, len(part))
        except (httpx.HTTPError, Busy) as error:
            raise fail(f"{url} does not answer: {error}; run the same command again to go on") from error
    console.print(f"recorded {told['recorded']}, seen before {told['repeated']}, refused {told['refused']}")
    if told["refused"]:
        raise fail(f"{told['refused']} events were refused; their reasons are in {refused_file}")


def _count(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(1 for line in lines if line.strip())


def _batches(lines: Iterable[str], size: int) -> Iterator[list[str]]:
    full = (line.strip() for line in lines if line.strip())
    while part := list(islice(full, size)):
        yield part


def _send(client: httpx.Client, part: list[str]) -> list[dict[str, Any]]:
    """Send a batch, again while the system is busy; return a verdict for each line."""
    body = ("[" + ",".join(part) + "]").encode()
    for attempt in Retrying(
        retry=retry_if_exception_type((Busy, httpx.TransportError)),
        wait=wait_exponential(0.2, max=10),
        stop=stop_after_attempt(20),
        reraise=True,
    ):
        with attempt:
            answer = client.post("/events", content=body, headers={"content-type": BATCH_TYPE})
            if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                raise Busy(answer.text)
    if answer.status_code == httpx.codes.OK:
        found: list[dict[str, Any]] = msgspec.json.decode(answer.content)
        return found
    if answer.is_server_error:
        raise Busy(f"HTTP {answer.status_code}")
    if len(part) == 1:
        return [{"verdict": "refused", **_loaded(answer.text)}]
    # Something in the batch cannot be read: find it by halves, so that it does not hold up the rest.
    half = len(part) // 2
    return [*_send(client, part[:half]), *_send(client, part[half:])]


def _kind(verdict: dict[str, Any]) -> str:
    kind = verdict.get("verdict")
    return kind if kind in ("recorded", "repeated") else "refused"


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return {"text": text}
