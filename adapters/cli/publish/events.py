"""`pujiang publish` and `pujiang import`: send CloudEvents to a running system, batch by batch."""

from __future__ import annotations

import json
import ssl
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import httpx
import msgspec
from tenacity import RetryCallState, retry, retry_if_exception_type, stop_after_attempt, wait_exponential

from adapters.cli.settings import settings
from adapters.cli.terminal import console, errors, fail, progress
from adapters.process.private import open_private
from adapters.run.address import address_of
from adapters.upstream import lines, oulad
from adapters.wire.bad_input import UNREADABLE, unreadable
from adapters.wire.text_lines import Encoding, TextFault, TextLines

BATCH = 1000
SETTLED = ("recorded", "repeated", "retracted")
"""The verdicts on what is in the log: a file may bring an event and its retraction, and be sent twice."""
QUIET_ATTEMPTS = 3
"""How many attempts of a batch may fail before the user hears of it: a restart of the server takes no longer."""

BATCH_TYPE = "application/cloudevents-batch+json"


Verdict = dict[str, Any]


class Busy(Exception):
    """The system is overloaded or away; the same batch may succeed later."""


def publish(
    *,
    file: str,
    url: str | None,
    batch: int,
    encoding: Literal["utf-8", "gb18030"],
    ca: Path | None,
    cert: Path | None,
) -> None:
    """Publish a file."""
    path = Path(file)
    if file != "-" and not path.is_file():
        raise fail(f"there is no file {file}", 2)
    if file == "-":
        to = _client(url, ca, cert)
        send(TextLines(sys.stdin.buffer, Encoding(encoding)), None, to, Path("stdin.refused.jsonl"), batch)
        return
    total = _count(path, Encoding(encoding))
    to = _client(url, ca, cert)
    with path.open("rb") as opened:
        send(TextLines(opened, Encoding(encoding)), total, to, Path(f"{file}.refused.jsonl"), batch)


def _count(path: Path, encoding: Encoding) -> int:
    """Return how many lines a file has, once all of it has been read; exit if it is not of this encoding."""
    try:
        with path.open("rb") as opened:
            text = TextLines(opened, encoding)
            total = sum(1 for line in text if line.strip())
    except TextFault as error:
        raise fail(f"{path}: {error}; nothing was published", 2) from error
    if encoding is not Encoding.UTF_8:
        console.print(f"{path}: read as {encoding}; SHA-256 of its bytes {text.digest}", soft_wrap=True)
    return total


def import_oulad(*, folder: Path, url: str | None, ca: Path | None, cert: Path | None) -> None:
    """Publish the data set."""
    try:
        events = list(oulad.events(folder))
    except oulad.OuladFault as error:
        raise fail(str(error), 2) from error
    send(lines(events), len(events), _client(url, ca, cert), Path("oulad.refused.jsonl"))


def _client(url: str | None, ca: Path | None, cert: Path | None) -> httpx.Client:
    """Return an HTTP client of the system, and say which that is. Other machines have to show a certificate of their own."""
    url = url or _own()
    try:
        context = ssl.create_default_context(cafile=ca)
        if cert:
            context.load_cert_chain(cert)
    except OSError as error:
        raise fail(f"cannot use the certificates {ca or ''} {cert or ''}: {error.strerror}", 2) from error
    errors.print(f"publishing to {url}", soft_wrap=True)
    return httpx.Client(base_url=url, timeout=120, verify=context)


def _own() -> str:
    """Return the address of the system of our data home: another one on this machine is not meant."""
    home = settings().home
    found = address_of(home)
    if found is None:
        raise fail(
            f"no system runs in {home}: start `pujiang serve`, or give the address of another with --url or PUJIANG_URL",
            2,
        )
    return found


def send(
    source: Iterable[bytes], total: int | None, to: httpx.Client, refused: Path, size: int = BATCH
) -> None:
    """Send lines of CloudEvents in batches; print the totals, and keep what is refused with its reason."""
    verdicts: Counter[str] = Counter()
    with ExitStack() as stack:
        client = stack.enter_context(to)
        bar, task = stack.enter_context(progress("publishing", total))
        kept = None
        try:
            for part in _batches(source, size):
                for line, verdict in zip(part, _send(client, part), strict=True):
                    verdicts[verdict["verdict"]] += 1
                    if verdict["verdict"] not in SETTLED:
                        kept = kept or stack.enter_context(open_private(refused, "w"))
                        kept.write(msgspec.json.encode({"event": _loaded(line), **verdict}) + b"\n")
                bar.advance(task, len(part))
        except TextFault as error:
            raise fail(f"{error}; the lines before it were published") from error
        except (httpx.HTTPError, Busy) as error:
            raise fail(
                f"{client.base_url} does not answer ({error}); to continue, run the same command again"
            ) from error
    console.print(
        ", ".join(f"{count} {kind}" for kind, count in sorted(verdicts.items())) or "nothing to publish"
    )
    if count := verdicts.total() - sum(verdicts[each] for each in SETTLED):
        raise fail(f"{count} events were not recorded; see {refused} for the reasons")


def _batches(source: Iterable[bytes], size: int) -> Iterator[list[bytes]]:
    full = (line.strip() for line in source if line.strip())
    while part := list(islice(full, size)):
        yield part


def _send(client: httpx.Client, part: list[bytes]) -> list[Verdict]:
    """Send a batch; return a verdict for each line. A line that is not one JSON value is not sent."""
    return _without(
        client, part, {index: told for index, line in enumerate(part) if (told := _no_value(line))}
    )


def _without(client: httpx.Client, part: list[bytes], aside: Mapping[int, Verdict]) -> list[Verdict]:
    """Send the lines that have no verdict yet."""
    rest = [line for index, line in enumerate(part) if index not in aside]
    taken = iter(_send_values(client, rest) if rest else ())
    return [aside[index] if index in aside else next(taken) for index in range(len(part))]


def _send_values(client: httpx.Client, part: list[bytes]) -> list[Verdict]:
    """Send a batch of JSON values, repeatedly while the system is busy; return a verdict for each."""
    answer = _post(client, b"[" + b",".join(part) + b"]")
    if answer.is_success:
        verdicts: list[Verdict] = msgspec.json.decode(answer.content)["verdicts"]
        return verdicts
    # The server rejects a whole batch if it cannot read one event: set that event aside, and send the rest.
    problem = _loaded(answer.content)
    unreadable = {
        int(each["pointer"].split("/")[1]): {"verdict": "unreadable", "problem": each}
        for each in problem.get("errors", ())
        if each["pointer"]
    }
    if unreadable:
        return _without(client, part, unreadable)
    if len(part) > 1:
        half = len(part) // 2
        return [*_send_values(client, part[:half]), *_send_values(client, part[half:])]
    return [{"verdict": "unreadable", "problem": problem}]


def _no_value(line: bytes) -> Verdict | None:
    """Return the verdict on a line that is not one JSON value: two of them would be two events in the batch."""
    try:
        msgspec.json.decode(line)
    except UNREADABLE as error:
        detail = f"a line has one event, in JSON: {unreadable(error).faults[0].detail}"
        return {"verdict": "unreadable", "problem": {"code": "malformed", "detail": detail, "pointer": ""}}
    return None


def _report_waiting(state: RetryCallState) -> None:
    if state.attempt_number == QUIET_ATTEMPTS and state.outcome:
        sentence = f"no answer yet ({state.outcome.exception()}): trying again for a minute"
        errors.print(sentence, soft_wrap=True)


@retry(
    retry=retry_if_exception_type((Busy, httpx.TransportError)),
    wait=wait_exponential(0.2, max=10),
    stop=stop_after_attempt(12),
    before_sleep=_report_waiting,
    reraise=True,
)
def _post(client: httpx.Client, body: bytes) -> httpx.Response:
    answer = client.post("/events", content=body, headers={"content-type": BATCH_TYPE})
    if answer.is_server_error:
        raise Busy(f"HTTP {answer.status_code}")
    return answer


def _loaded(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return {"text": text.decode(errors="replace")}
