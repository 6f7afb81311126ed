"""Two systems, one of which witnesses the other's log: what auditors do with it, and what a forked log meets."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from adapters.run.settings import read_settings
from adapters.run.site import site
from tests.patience import PATIENCE
from tests.processes.server import PUJIANG, environment, serving

THIRD_PARTY = Path(__file__).parent / "third_party"
BATCH = {"content-type": "application/cloudevents-batch+json"}


class City:
    """A system on a data home of its own."""

    def __init__(self, folder: Path, name: str) -> None:
        self.home, self.out, self.policy = folder / name, folder / f"{name}.out", folder / f"{name}.policy"
        self.policy.write_text("quorum none\n")
        self.environment = environment(self.home) | {
            "PUJIANG_ORIGIN": f"{name}.example",
            "PUJIANG_POLICY": str(self.policy),
            "PUJIANG_CHECKPOINT_SECONDS": "1",
            "PUJIANG_STATEMENT_SECONDS": "86400",  # however long this takes, no statement comes in between
        }
        with site(
            read_settings(self.environment)
        ):  # a log and its keys are made; a command that looks makes none
            pass
        self.log_key, self.witness_key = [
            line for line in self.run("keys", "show").splitlines() if line.count("+") >= 2
        ]

    def run(self, *arguments: str, status: int = 0) -> str:
        """Run a command; return what it tells."""
        done = subprocess.run(
            [str(PUJIANG), *arguments], env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def cities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[City, City]]:
    """One that is witnessed and one that witnesses; only the latter is served."""
    folder = tmp_path_factory.mktemp("cities")
    ours, witness = City(folder, "ours"), City(folder, "witness")
    witness.policy.write_text(f"log {ours.log_key}\nquorum none\n")
    with serving(witness.environment, witness.out) as at:
        ours.policy.write_text(f"log {ours.log_key}\nwitness W {witness.witness_key} http://{at}\nquorum W\n")
        yield ours, witness
    shutil.rmtree(folder)


def publish(at: str, first: int, count: int, name: str = "School") -> None:
    events = [
        {
            "specversion": "1.0",
            "source": "urn:test",
            "id": str(number),
            "type": "roll.SchoolRegistered",
            "time": "2024-09-01T08:00:00+08:00",
            "data": {"school": f"s-{number}", "name": name, "district": "310115", "stages": ["primary"]},
        }
        for number in range(first, first + count)
    ]
    answer = httpx.post(f"http://{at}/events", content=json.dumps(events), headers=BATCH, timeout=PATIENCE)
    assert {each["verdict"] for each in answer.json()["verdicts"]} == {"recorded"}


def until(told: Callable[[], str], wanted: str) -> str:
    deadline = time.monotonic() + PATIENCE
    while wanted not in (found := told()):
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    return found


def checkpoint(at: str, size: int) -> str:
    """Wait for the checkpoint of a size."""
    return until(lambda: httpx.get(f"http://{at}/checkpoint", timeout=PATIENCE).text, f"\n{size}\n")


def test_what_was_cosigned_is_verified_and_a_fork_is_refused(
    cities: tuple[City, City], tmp_path: Path
) -> None:
    ours, witness = cities
    keys = ["--key", ours.log_key, "--key", witness.witness_key]
    with serving(ours.environment, ours.out) as at:
        publish(at, 1, 300)
        checkpoint(at, 300)
        receipts = [keep(tmp_path, at, f"events/{n}/receipt") for n in (1, 257, 300)]
        row = keep(tmp_path, at, "receipt/schools/s-7")
        missing = third_party(at, ours, receipts)
    for receipt, position in zip((*receipts, row), (1, 257, 300, 7), strict=True):
        assert f"position {position} of ours.example/" in ours.run("verify-receipt", str(receipt), *keys)
    told = ours.run("verify-receipt", str(row), "--key", witness.log_key, status=1)
    assert "no key that was given is one that ours.example/" in told
    assert "position 7 of" in ours.run("verify-receipt", str(row), "--policy", str(ours.policy))
    assert "cosigned by the policy's quorum up to size 300" in ours.run("verify")

    shutil.copytree(ours.home / "postgres" / "data", tmp_path / "backup")
    with serving(ours.environment, ours.out) as at:
        publish(at, 301, 50)
        known = tmp_path / "known"
        known.write_text(checkpoint(at, 352))  # the software in use and its contracts are stated between
    assert "0 findings" in ours.run("verify", "--checkpoint", str(known))

    restored(ours, tmp_path / "backup")
    with serving(ours.environment, ours.out) as at:
        publish(at, 301, 60, "Another School")
        until(ours.out.read_text, "log-forked")
        assert "\n300\n" in httpx.get(f"http://{at}/checkpoint", timeout=PATIENCE).text
    told = ours.run("verify", "--checkpoint", str(known), status=1)
    assert f"{known}, size 352, entry: the log had another root at size 352" in told
    assert "the key store, size 352" in told

    # Whoever runs the log can make it forget what it has signed, but not the witness what that has cosigned.
    with sqlite3.connect(ours.home / "keys" / "keys.db") as store:
        store.execute("DELETE FROM signed")
    store.close()
    with serving(ours.environment, ours.out) as at:
        assert len(checkpoint(at, 362).splitlines()) == 5  # nobody has cosigned
        assert "not-cosigned" in ours.out.read_text()
    told = ours.run("verify")
    assert "0 findings" in told
    assert "cosigned by the policy's quorum up to size 300" in told  # and not 362
    ours.run("verify", "--checkpoint", str(known), status=1)
    if missing:
        pytest.skip(f"all but the tools of others: {missing}")


def keep(folder: Path, at: str, address: str) -> Path:
    """Keep an answer in a file."""
    file = folder / address.replace("/", "-")
    file.write_text(httpx.get(f"http://{at}/{address}", timeout=PATIENCE).raise_for_status().text)
    return file


def restored(city: City, backup: Path) -> None:
    """Put an old backup in the place of the log, without giving it a new id."""
    data = city.home / "postgres" / "data"
    shutil.rmtree(data)
    shutil.copytree(backup, data)


def third_party(at: str, city: City, receipts: list[Path]) -> str:
    """Read the whole log, its cosigned head and its receipts with tools of others; return why that cannot be, if so."""
    command = ["go", "run", ".", f"http://{at}/", str(city.policy), *map(str, receipts)]
    if not shutil.which("go"):
        return "they need Go"
    fetched = subprocess.run(["go", "mod", "download"], cwd=THIRD_PARTY, capture_output=True, check=False)  # noqa: S607 - whichever Go there is
    if fetched.returncode:
        return "they cannot be fetched"
    done = subprocess.run(command, cwd=THIRD_PARTY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    bundles = b"".join(
        httpx.get(
            f"http://{at}/events/{n}", headers={"accept": "application/octet-stream"}, timeout=PATIENCE
        ).content
        for n in range(1, 301)
    )
    assert done.stdout == f"300 entries of 300, {sha256(bundles).hexdigest()}, 3 receipts\n"
    return ""
