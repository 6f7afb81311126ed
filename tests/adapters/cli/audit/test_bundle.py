"""`pujiang audit`: a bundle that is exported over a log is checked without it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters.cli.app import application
from adapters.contracts.published import named_contracts
from adapters.keys.signing import Signer, SigningKeys
from adapters.run.settings import read_settings
from adapters.run.site import site
from events.audit import ContractsPublished, PublishedContract
from streams.tree.verifier import COSIGNATURE
from tests.logs.histories import City, append

SIZE = 1100
"""More than are read at once."""

WITNESS = Signer("witness.example/w", COSIGNATURE, bytes(32)).key

Typed = Callable[..., tuple[int, str]]


def typed_in(environment: dict[str, str], *command: str) -> Typed:
    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(
            application(), [*(command or ("audit",)), *arguments], env=environment, catch_exceptions=False
        )
        return done.exit_code, done.output

    return run


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    return {"DATABASE_URL": database_url, "PUJIANG_HOME": str(tmp_path / "home")}


def test_a_bundle_goes_elsewhere(environment: dict[str, str], tmp_path: Path) -> None:
    typed, out = typed_in(environment), str(tmp_path / "audit.tar")
    elsewhere = typed_in({"PUJIANG_HOME": str(tmp_path / "nowhere"), "DATABASE_URL": ""})
    with site(read_settings(environment)) as opened:
        assert typed("export", "--from", "1", "--out", out) == (
            1,
            "pujiang: the log has no checkpoint yet: start `pujiang serve`, which makes checkpoints\n",
        )
        append(opened.log, opened.codec, City(4).events(SIZE), batch=500)
        opened.checkpointer().step()
        append(opened.log, opened.codec, City(5).events(1))
        key = str(SigningKeys(opened.store.secrets).of_log(opened.origin)[0].key)

    status, told = typed("export", "--from", "5", "--out", out)
    assert (status, f"{SIZE - 4} entries of pujiang/" in told) == (0, True), told
    status, told = elsewhere("check", out, "--key", key)
    assert (status, f"positions 5 to {SIZE} of pujiang/" in told) == (0, True), told
    assert "0 findings" in told
    policy = tmp_path / "policy"
    for quorum, status in (("none", 0), ("W", 1)):
        policy.write_text(f"log {key}\nwitness W {WITNESS}\nquorum {quorum}\n")
        found, told = elsewhere("check", out, "--policy", str(policy))
        assert (found, "checkpoint: not enough witnesses have cosigned" in told) == (status, bool(status)), (
            told
        )
    whole = bytearray(Path(out).read_bytes())
    whole[len(whole) // 2] ^= 1
    Path(out).write_bytes(whole)
    status, told = elsewhere("check", out, "--key", key)
    assert (status, "SHA256SUMS" in told) == (1, True), told
    assert not (tmp_path / "nowhere").exists()

    assert typed("export", "--to", "9", "--out", out) == (2, f"pujiang: {out} already exists\n")
    tagged = str(tmp_path / "tagged.tar")
    assert typed("export", "--tag", "school:s-1", "--out", tagged)[0] == 0
    status, told = elsewhere("check", tagged, "--key", key)
    assert (status, "some with school:s-1 of pujiang/" in told) == (0, True), told


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        ([], "give either --tag, or --from and --to"),
        (["--tag", "person:p-1", "--to", "3"], "give either --tag, or --from and --to"),
        (["--tag", "p-1"], "'p-1' is not a tag: give KIND:VALUE, such as school:s-1"),
    ],
)
def test_what_is_no_selection(
    environment: dict[str, str], tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    out = str(tmp_path / "audit.tar")
    assert typed_in(environment)("export", *arguments, "--out", out) == (2, f"pujiang: {sentence}\n")


def test_what_is_no_bundle(environment: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "file"
    key = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    typed = typed_in(environment)
    status, told = typed("check", str(file), "--key", key)
    assert (status, f"{file} cannot be read" in told) == (2, True)
    file.write_bytes(b"no bundle")
    status, told = typed("check", str(file), "--key", key)
    assert (status, "no valid file header after the start" in told) == (1, True)
    assert typed("check", str(file), "--key", "x")[0] == 2
    for more in ([], ["--key", key, "--policy", str(file)]):
        status, told = typed("check", str(file), *more)
        assert (status, "give either --key (once or more) or --policy" in told) == (2, True)


def test_contracts_are_compared_with_what_the_log_states(environment: dict[str, str], tmp_path: Path) -> None:
    out, verify = str(tmp_path / "audit.tar"), typed_in(environment, "verify")
    known = named_contracts()
    with site(read_settings(environment)) as opened:
        append(opened.log, opened.codec, City(4).events(3))
        key = str(SigningKeys(opened.store.secrets).of_log(opened.origin)[0].key)
    assert f"the log states nothing of them: {len(known)}\n" in verify()[1]
    with site(read_settings(environment)) as opened:
        told = [PublishedContract(each.name, each.number, "0" * 64) for each in known]
        envelope: dict[str, Any] = {"id": "c", "source": "urn:pujiang", "occurred_at": 1}
        append(opened.log, opened.codec, [ContractsPublished(release="1", contracts=told, **envelope)])
        opened.checkpointer().step()
    status, said = verify()
    sentence = f"position 4, entry: it states another {known[0].name} than the one of this release"
    assert (status, sentence in said) == (1, True), said
    assert typed_in(environment)("export", "--from", "1", "--out", out)[0] == 0
    status, said = typed_in(environment)("check", out, "--key", key)
    assert (status, "position 4: it is not the contract that the log states" in said) == (1, True), said
