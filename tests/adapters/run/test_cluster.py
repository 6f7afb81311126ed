"""The broker of a cluster, whenever it ends."""

from typing import Any, cast

import pytest

from adapters.kafka.clients import KafkaFault
from adapters.run import cluster
from adapters.run.cluster import BrokerCare


class EndingBroker:
    """A broker that ends whenever it is started, and sometimes cannot even be."""

    def __init__(self) -> None:
        self.ended, self.begun, self.fault = False, 0, False

    def complaint(self) -> str:
        return "java.io.IOException: no space"

    def begin(self) -> None:
        self.begun += 1
        if self.fault:
            raise KafkaFault("another broker runs there")
        self.ended = False


def test_a_broker_is_started_again_however_often_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "AGAIN_SECONDS", 0)
    bus = EndingBroker()
    care = BrokerCare(cast("Any", bus))
    care.tend()
    assert bus.begun == 0
    for count in range(1, 5):
        bus.ended, bus.fault = True, count % 2 == 0
        care.tend()
        care.tend()
        assert bus.begun == count


def test_a_broker_is_left_alone_for_a_moment() -> None:
    bus = EndingBroker()
    bus.ended = True
    care = BrokerCare(cast("Any", bus))
    for _ in range(5):
        care.tend()
    assert bus.begun == 0
