"""The topic `refused`: messages that the inbox has refused, with the reason. What was sent is sealed.

A record's key is the coordinates of the message in the inbox. Its headers are in clear: the event's identity, the code,
the rule and the rule's general sentence, and nothing else that was sent. Its value is sealed: the original message, and
the sentence of the refusal, which may repeat what was sent. A record with a header `retried_at` says that the message was
published again.
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
from streams.bus.message import RefusedMessage
from streams.inbox.inbox import RefusedUnavailable

OWNER, RETENTION = "refused messages", "refused"
"""The owner of the key that seals originals: no person's number has a space in it."""

MOST_BYTES = 1_000_000
"""Bytes of a sealed value; a longer one is left out. By default Kafka takes records of up to 1 MiB."""

SECONDS = 30.0
"""How long an acknowledgement may take before refused messages count as not written."""

SENTENCES: Mapping[str, str] = {
    "clash": "another event was published under this source and id before",
    "erased": "it contains personal data of a person whose data was erased",
    "evidence-later": "the event that it cites occurred only after it",
    "evidence-of-another": "the event that it cites is about somebody or something else",
    "evidence-retracted": "the event that it cites was retracted",
    "evidence-unreadable": "the event that it cites cannot be read",
    "fault": "a fault of this system prevented it from being judged",
    "in-the-future": "its time is more than five minutes ahead of this system's clock",
    "invalid": "an attribute or a field is missing, unknown, or does not follow its contract",
    "malformed": "it cannot be read as a CloudEvent",
    "not-its-source": "only the source of an event may retract it",
    "not-retractable": "the event that it retracts cannot be retracted",
    "other-evidence": "the event that it cites is of another type",
    "other-tags": "a retraction carries all tags of the event that it retracts",
    "too-large": "the event is too large",
    "unknown-evidence": "it cites an event that the log does not have",
    "unknown-type": "there is no such event type",
    "unsupported-media-type": "it is not a CloudEvent in a form that the inbox accepts",
}
"""What is said about refusals that do not come from a rule."""

_RULES = {identity: rule.sentence for rule, identity in RULES.items()}


def read(record: Any) -> RefusedRow | RetriedRow | None:
    """Return what a record of the topic says, None if we have not written it."""
    headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
    kind: type[RefusedRow | RetriedRow] = RetriedRow if "retried_at" in headers else RefusedRow
    try:
        return msgspec.convert({**headers, "sealed": record.value}, kind, strict=False)
    except msgspec.ValidationError:
        return None


class RefusedTopic:
    """Writes refused messages to their topic."""

    def __init__(self, producer: Any, topic: str, sealer: Sealer) -> None:
        self._producer, self._topic, self._sealer = producer, topic, sealer
        self._sent: list[Any] = []

    def send(self, refused: Sequence[RefusedMessage]) -> None:
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

    def _send(self, refused: RefusedMessage, value: bytes | None) -> Any:
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


def _clear(refused: RefusedMessage) -> Clear:
    """Return what is to be sealed. Nothing new is kept of people who are erased."""
    message, sentence = refused.message, refused.sentence
    if refused.code == "erased":
        original = Original(sentence)
    else:
        original = Original(sentence, message.key, message.value, tuple(message.headers))
    text = msgspec.json.encode(original).decode()
    place = f"{message.partition}/{message.offset}"
    return Clear(OWNER, RETENTION, message.topic, place, refused.code, text)


def retried(row: RefusedRow, at: str) -> list[tuple[str, bytes]]:
    """Return the headers of a record which says that a message was published again."""
    headers = {"topic": row.topic, "partition": row.partition, "offset": row.offset, "retried_at": at}
    return [(name, str(value).encode()) for name, value in headers.items()]


def _headers(refused: RefusedMessage) -> list[tuple[str, bytes]]:
    message, identity = refused.message, refused.identity
    headers = {
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
    return [(name, value.encode()) for name, value in headers.items() if value is not None]
