"""Faults that a user can mend: the command line prints them in one line, without a traceback."""

from __future__ import annotations

from adapters.clock import ClockFault
from adapters.contracts.published import ContractFault
from adapters.embedded.os_account import ServerFault
from adapters.kafka.clients import KafkaFault
from adapters.keys.fault import KeyStoreFault
from adapters.postgres.log.schema import FormatFault
from adapters.process.environment import SettingsFault
from adapters.proof.witnesses import PolicyFault
from adapters.run.sample_city import SampleRefused
from streams.inbox.inbox import OtherTopic
from streams.ports import LogUnavailable
from streams.relay.relay import RelayFault

FAULTS = (
    ClockFault,
    ContractFault,
    FormatFault,
    KafkaFault,
    KeyStoreFault,
    LogUnavailable,
    OtherTopic,
    PolicyFault,
    RelayFault,
    SampleRefused,
    ServerFault,
    SettingsFault,
)
