"""No national identity number comes in where it would stay in clear: in no text of any event, and in no envelope."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from adapters.contracts.codec import AvroCodec
from adapters.door.door import Door
from adapters.keys.sealer import Sealer
from adapters.keys.store import open_store
from adapters.upstream.city import city
from adapters.wire.bad_input import BadInput
from events.catalogue import publishable
from events.contract import Field, tags
from events.identity_number import reveals_identity
from tests.adapters.sent import fits, plain, text_fields

WRITTEN = ("11010519491231002X", "id11010519491231002X", "110105-19491231-002X", "110105491231002")


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('keys')}/keys.db")
    yield Door(AvroCodec(), Sealer(store.keys, store.secrets))
    store.close()


def sent(name: str, data: dict[str, Any], **more: Any) -> bytes:
    event = {"specversion": "1.0", "id": "1", "source": "urn:test", "time": "2024-09-01T08:00:00+08:00"}
    return msgspec.json.encode({**event, "type": name, "data": data, **more})


def told(door: Door, body: bytes) -> tuple[str, str]:
    with pytest.raises(BadInput) as caught:
        door.single(body)
    (fault,) = caught.value.faults
    assert not any(each in fault.detail for each in WRITTEN)
    return fault.code, fault.pointer


def clear(field: Field) -> bool:
    return not (field.personal or (field.tag and field.tag.hashed))


@pytest.mark.parametrize("name", sorted(publishable()))
def test_no_clear_text_of_an_event_may_have_one(door: Door, name: str) -> None:
    cls = publishable()[name]
    whole = plain(cls)
    assert door.single(sent(name, whole)).events
    for path, field in text_fields(cls):
        for number in WRITTEN:
            changed = deepcopy(whole)
            if clear(field) and fits(field, number):
                put(changed, path, number)
                assert told(door, sent(name, changed)) == ("identity-number", f"/data{path}"), path


def put(data: Any, path: str, value: str) -> None:
    """Set the value at a JSON pointer."""
    *steps, last = path.split("/")[1:]
    for step in steps:
        data = data[int(step)] if isinstance(data, list) else data[step]
    if isinstance(data, list):
        data[int(last)] = value
    else:
        data[last] = value


@pytest.mark.parametrize("written", [*WRITTEN, "１１０１０５１９４９１２３１００２Ｘ"])
@pytest.mark.parametrize("attribute", ["id", "source"])
def test_no_envelope_may_have_one(door: Door, attribute: str, written: str) -> None:
    for text in {quote(written), *([written] if written.isascii() or attribute == "id" else [])}:
        body = sent("roll.SchoolClosed", {"school": "s", "reason": "r"}, **{attribute: f"urn:{text}"})
        assert told(door, body) == ("identity-number", f"/{attribute}")


def test_the_sample_city_has_none() -> None:
    assert not any(reveals_identity(text) for each in city(300, 7) for text in (each.id, *tags(each)))
