"""`pujiang cluster`: what is published is relayed, folded by workers and answered; who is killed comes back; all stop."""

from __future__ import annotations

import signal
from contextlib import suppress
from pathlib import Path

import psutil

from adapters.run.address import address_of
from tests.patience import PATIENCE
from tests.processes.pujiang_cluster import PujiangCluster, pujiang_cluster


def broker_of(running: PujiangCluster) -> psutil.Process | None:
    found = psutil.Process(running.process.pid).children()
    for each in found:
        with suppress(psutil.Error):
            if "kafka.Kafka" in each.cmdline() and each.status() != psutil.STATUS_ZOMBIE:
                return each
    return None


def test_a_cluster_serves_survives_and_stops(tmp_path: Path, kafka_programs: Path) -> None:
    with pujiang_cluster(tmp_path, kafka_programs) as cluster:
        serves_survives_and_stops(cluster)


def serves_survives_and_stops(running: PujiangCluster) -> None:
    running.wait_for(lambda: "workers fold" in running.out.read_text())
    assert address_of(running.home) == f"http://127.0.0.1:{running.port}"
    position = running.register(1)
    answer = running.wait_for(lambda: (told := running.person(1, position)).is_success and told)
    assert answer.json()["person"] == "p-1"

    members = running.members()
    assert set(members) == {"serve", "relay", "inbox", "worker"}
    for name in ("worker", "relay"):
        members[name].kill()
    position = running.register(2)
    assert running.wait_for(lambda: running.person(2, position).is_success)
    assert running.wait_for(lambda: set(running.members()) == set(members))

    first = broker_of(running)
    assert first is not None
    first.kill()
    second = running.wait_for(lambda: (found := broker_of(running)) and found != first and found)
    second.kill()  # while it starts
    assert running.wait_for(lambda: broker_of(running) not in {None, first, second})
    position = running.register(3)
    assert running.wait_for(lambda: running.person(3, position).is_success)

    everybody = psutil.Process(running.process.pid).children(recursive=True)
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(PATIENCE) == 0, running.out.read_text()
    _, left = psutil.wait_procs(everybody, timeout=PATIENCE)
    assert not left
    assert address_of(running.home) is None
    assert "Traceback" not in running.out.read_text()
