"""Any events that the door takes in get a verdict, in whatever order they come: nothing sent is a fault."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.contracts.codec import AvroCodec
from adapters.door.door import Door
from adapters.keys.sealer import Sealer
from adapters.keys.store import open_store
from domain.catalogue import RULES
from events.catalogue import CONTEXTS, names, publishable
from events.clock import start_of
from streams.history.histories import Histories
from streams.publish.judge import Judge
from streams.publish.new_keys import NewKeys
from streams.publish.publisher import Publisher
from streams.publish.warm_folds import WarmFolds
from tests.adapters.sent import data
from tests.logs.memory_log import MemoryLog

CODEC = AvroCodec()
NOW = start_of("2026-01-01")
TIMES = (
    "1900-01-01T00:00:00+08:00",
    "2024-09-01T08:00:00Z",
    "2025-12-31T23:59:59.999999Z",
    "2199-01-01T00:00:00Z",
)


@pytest.fixture(scope="module")
def sealer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sealer]:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('keys')}/keys.db")
    yield Sealer(store.keys, store.secrets)
    store.close()


def sent(context: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Make a few events of a context, some of them about the same things."""
    one = st.sampled_from([each for each in CONTEXTS[context] if names()[each] in publishable()]).flatmap(
        lambda cls: st.fixed_dictionaries(
            {
                "specversion": st.just("1.0"),
                "id": st.sampled_from("12345678"),
                "source": st.just("urn:test"),
                "type": st.just(names()[cls]),
                "time": st.sampled_from(TIMES),
                "data": data(cls),
            }
        )
    )
    return st.lists(one, min_size=1, max_size=8)


@pytest.mark.parametrize("context", sorted(CONTEXTS))
def test_any_events_get_a_verdict_each(sealer: Sealer, context: str) -> None:
    door, keys = Door(CODEC, sealer), NewKeys(sealer.keys)

    @settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
    @given(sent(context))
    def judged(events: list[dict[str, Any]]) -> None:
        log = MemoryLog()
        judge = Judge(RULES, WarmFolds(Histories(log, CODEC), 1 << 26))
        request = door.batch(msgspec.json.encode(events))
        Publisher(log, CODEC, judge, lambda: NOW, keys).settle([request])
        assert len(request.verdicts) == len(events)
        assert None not in request.verdicts

    judged()
