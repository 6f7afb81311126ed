"""The embedded broker: what it acknowledged survives its being killed, and it goes with its owner."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from kafka import TopicPartition

from adapters.kafka import broker, jars
from adapters.kafka.clients import KafkaFault, admin, consumer, producer
from tests.patience import PATIENCE
from tests.processes.brokers import JAVA_OPTIONS, QUICK

ROOT = Path(__file__).parents[3]
OWNER = """
import sys, time
from pathlib import Path
from adapters.kafka import broker
from tests.processes.brokers import JAVA_OPTIONS
running = broker.start(Path(sys.argv[1]), java_options=JAVA_OPTIONS, programs=Path(sys.argv[2]))
print(running.address, flush=True)
time.sleep(600)
"""


@pytest.fixture
def programs(kafka_server: broker.Broker, request: pytest.FixtureRequest) -> Path:
    return request.config.cache.mkdir("kafka")


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path, programs: Path) -> None:
    with broker.start(tmp_path, settings=QUICK, java_options=JAVA_OPTIONS, programs=programs) as running:
        with admin(running.kafka) as client:
            client.create_topics({"kept": {"num_partitions": 1}}, wait_for_metadata=True)
        sender = producer(running.kafka)
        for each in range(100):
            sender.send("kept", b"%d" % each)
        sender.flush()
        sender.close()
        with pytest.raises(KafkaFault, match="another broker runs in"):
            broker.start(tmp_path, java_options=JAVA_OPTIONS, programs=programs)
        running.kill()
        running.start()
        reader = consumer(running.kafka)
        reader.assign([TopicPartition("kept", 0)])
        found: list[bytes] = []
        deadline = time.monotonic() + PATIENCE
        while len(found) < 100 and time.monotonic() < deadline:
            found += [each.value for records in reader.poll(1000).values() for each in records]
        reader.close()
        assert found == [b"%d" % each for each in range(100)]


def test_it_goes_with_its_owner(tmp_path: Path, programs: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, tmp_path, programs],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert owner.stdout is not None
    assert owner.stdout.readline().startswith("127.0.0.1:")
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    deadline = time.monotonic() + PATIENCE
    while True:  # its process holds the lock on the folder as long as it lives
        try:
            with broker._locked(tmp_path / "kafka"):
                break
        except KafkaFault:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_why_it_did_not_start_is_told_not_why_an_earlier_one_ended(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "meta.properties").touch()
    (tmp_path / "server.log").write_text("ERROR of last year\n")
    program = tmp_path / "java"
    program.write_text("#!/bin/sh\necho it ends\nexit 1\n")
    program.chmod(0o755)
    for _ in range(2):
        with pytest.raises(KafkaFault, match=r"did not start: it ends$"):
            broker.Broker(tmp_path, broker.free_port(), {}, [str(program)]).start()
    assert (tmp_path / "server.log").read_text() == "ERROR of last year\nit ends\nit ends\n"


def test_what_is_missing_is_told_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert jars.lacking() == "Kafka needs Java 17 or newer, but there is no java on this machine"
    old = tmp_path / "java"
    old.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n")
    old.chmod(0o755)
    assert 'is openjdk version "11.0.2"' in str(jars.lacking())
    old.write_text("#!/bin/sh\necho 'openjdk version \"21\" 2023-09-19' >&2\n")
    assert jars.lacking() == "Kafka is downloaded with Maven, but there is no mvn on this machine"
    with pytest.raises(KafkaFault, match="there is no mvn"):
        jars.fetch(tmp_path)


def test_what_maven_cannot_fetch_is_told_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maven = tmp_path / "mvn"
    maven.write_text("#!/bin/sh\necho '[ERROR] no network'\nexit 1\n")
    maven.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(KafkaFault, match=r"cannot download Apache Kafka .*: \[ERROR\] no network"):
        jars.fetch(tmp_path / "programs")
    assert list((tmp_path / "programs").iterdir()) == []
