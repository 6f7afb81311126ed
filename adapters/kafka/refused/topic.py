"""`refused`: messages that are not in the log, with the reason; what was sent is sealed.

A record's key is the coordinates of the message in the inbox. What stands clear in its headers is ours: the code, the
rule and what it says in general, never what was sent, but for the event's identity. The value is sealed: the original,
and the sentence that was told of it, which may repeat what was sent. A record with a header `retried_at` tells that
the message was published again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from kafka.errors import KafkaError

from adapters.keys.fault import KeyStoreUnavailable
from adapters.keys.sealer import Clear, Sealer
from adapters.postgres.refused import RetriedRow
from adapters.wire.refused import Original, RefusedRow
from domain.catalogue import RULES
from events.clock import instant
from streams.bus.message import Refused
from streams.inbox.inbox import RefusedUnavailable

OWNER, RETENTION = "refused messages", "refused"
"""Whose key seals originals: no person's number has a blank in it."""

MOST_BYTES = 1_000_000
"""A sealed value that is longer is left out: a record of Kafka has 1 MiB, unless it is told otherwise."""

SECONDS = 30.0

SENTENCES: Mapping[str, str] = {
    "clash": "another event was published under this source and id before",
    "erased": "it brings personal data of somebody whose data was erased",
    "fault": "judging it failed, which should not have happened",
    "in-the-future": "it occurred more than five minutes ahead of this system's clock",
    "invalid": "an attribute or a field is missing, unknown, or not as its contract says",
    "malformed": "it cannot be read as a CloudEvent",
    "too-large": "the event is too large",
    "unknown-evidence": "it cites an event that the log does not have",
    "unknown-type": "there is no such event type",
    "unsupported-media-type": "it is not a CloudEvent in a form that the inbox takes",
}
"""What is said of refusals that are no rule's."""

_RULES = {identity: rule.sentence for rule, identity in RULES.items()}


def read(record: Any) -> RefusedRow | RetriedRow | None:
    """Return what a record of the topic says, None where it is none of ours."""
    told = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
    kind: type[RefusedRow | RetriedRow] = RetriedRow if "retried_at" in told else RefusedRow
    try:
        return msgspec.convert({**told, "sealed": record.value}, kind, strict=False)
    except msgspec.ValidationError:
        return None


class RefusedTopic:
    """Writes refused messages to their topic."""

    def __init__(self, producer: Any, topic: str, sealer: Sealer) -> None:
        self._producer, self._topic, self._sealer = producer, topic, sealer
        self._sent: list[Any] = []

    def send(self, refused: Sequence[Refused]) -> None:
        """Begin to write refused messages. Raises RefusedUnavailable."""
        with _unavailable():
            values = self._sealer.seal_batch([_clear(each) for each in refused])
            self._sent += [self._send(each, value) for each, value in zip(refused, values, strict=True)]

    def settle(self) -> None:
        """Return once all that were sent are acknowledged by all copies. Raises RefusedUnavailable."""
        sent, self._sent = self._sent, []
        if sent:
            with _unavailable():
                self._producer.flush(SECONDS)
                for each in sent:
                    each.get(SECONDS)

    def _send(self, refused: Refused, value: bytes | None) -> Any:
        kept = value is not None and len(value) <= MOST_BYTES
        return self._producer.send(
            self._topic,
            key=refused.message.coordinates.encode(),
            value=value if kept else None,
            headers=_headers(refused),
        )


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except (KafkaError, KeyStoreUnavailable) as error:
        raise RefusedUnavailable(f"refused messages cannot be written: {error}") from error


def _clear(refused: Refused) -> Clear:
    """Return what is sealed. Of erased people nothing new is kept."""
    message, sentence = refused.message, refused.sentence
    if refused.code == "erased":
        original = Original(sentence)
    else:
        original = Original(sentence, message.key, message.value, tuple(message.headers))
    text = msgspec.json.encode(original).decode()
    place = f"{message.partition}/{message.offset}"
    return Clear(OWNER, RETENTION, message.topic, place, refused.code, text)


def retried(row: RefusedRow, at: str) -> list[tuple[str, bytes]]:
    """Return the headers of a record that tells that a message was published again."""
    told = {"topic": row.topic, "partition": row.partition, "offset": row.offset, "retried_at": at}
    return [(name, str(value).encode()) for name, value in told.items()]


def _headers(refused: Refused) -> list[tuple[str, bytes]]:
    message, identity = refused.message, refused.identity
    told = {
        "code": refused.code,
        "sentence": _RULES.get(refused.rule) or SENTENCES.get(refused.code, refused.code),
        "rule": refused.rule,
        "topic": message.topic,
        "partition": str(message.partition),
        "offset": str(message.offset),
        "source": identity.source,
        "id": identity.id,
        "type": identity.type,
        "refused_at": instant(refused.at).isoformat(),
    }
    return [(name, value.encode()) for name, value in told.items() if value is not None]
