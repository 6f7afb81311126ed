"""Where the command line begins, and ends where a user can mend what hinders it."""

from __future__ import annotations

import signal
import sys

from adapters.cli import commands
from adapters.cli.app import app, fail
from adapters.contracts.published import ContractFault
from adapters.embedded.os_account import ServerFault
from adapters.kafka.clients import KafkaFault
from adapters.keys.store import KeyStoreFault
from adapters.postgres.log.schema import FormatFault
from adapters.process import logging
from adapters.process.environment import SettingsFault
from adapters.proof.witnesses import PolicyFault
from adapters.run.sample_city import SampleRefused
from streams.inbox.inbox import OtherTopic
from streams.ports import LogUnavailable
from streams.relay.relay import RelayFault

FAULTS = (
    SettingsFault,
    ServerFault,
    KafkaFault,
    OtherTopic,
    RelayFault,
    ContractFault,
    FormatFault,
    KeyStoreFault,
    LogUnavailable,
    PolicyFault,
    SampleRefused,
)


def run() -> None:
    """Run the command line; what a user can mend is told in one line, without a traceback."""
    logging.configure()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does: in order
    commands.register(app)
    try:
        app()
    except FAULTS as fault:
        sys.exit(fail(str(fault)).exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
