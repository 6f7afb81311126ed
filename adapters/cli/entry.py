"""Where the command line begins, and ends where a user can mend what hinders it."""

from __future__ import annotations

import signal
import sys

from adapters import operator_log
from adapters.account import ServerFault
from adapters.cli import commands
from adapters.cli.app import app, fail
from adapters.contracts import ContractFault
from adapters.kafka.clients import KafkaFault
from adapters.keys.store import KeyStoreFault
from adapters.sample import SampleRefused
from adapters.settings import SettingsFault
from adapters.witnesses import PolicyFault
from streams.inbox import OtherTopic
from streams.ports import LogUnavailable
from streams.relay import RelayFault

FAULTS = (
    SettingsFault,
    ServerFault,
    KafkaFault,
    OtherTopic,
    RelayFault,
    ContractFault,
    KeyStoreFault,
    LogUnavailable,
    PolicyFault,
    SampleRefused,
)


def run() -> None:
    """Run the command line; what a user can mend is told in one line, without a traceback."""
    operator_log.configure()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does: in order
    commands.register(app)
    try:
        app()
    except FAULTS as fault:
        sys.exit(fail(str(fault)).exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
