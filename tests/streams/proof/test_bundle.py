"""An audit bundle is what it says, in well-known formats; and whatever is changed in it is found, and where."""

from __future__ import annotations

import io
import json
import random
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from adapters.contracts.codec import AvroCodec
from adapters.contracts.published import latest, named_contracts, published
from adapters.keys.signing import Signer
from adapters.proof.bundle_writer import BundleSelection, Bundling, NothingToExport, apart
from events.audit import ContractsPublished, PublishedContract
from events.contract import fields, tags
from events.entry import Proposal, Stored, complete
from events.identity.persons import PersonRegistered
from streams.proof.bundle import avro, container
from streams.proof.bundle.check import check
from streams.proof.bundle.container import BLOCK_BYTES, SUMS
from streams.proof.bundle.contracts import STATEMENT, NamedContract
from streams.proof.bundle.history import BundleContract, history_entry
from streams.proof.bundle.manifest import Manifest
from streams.proof.bundle.report import BundleReport
from streams.tree.merkle import Tree, inclusion
from streams.tree.verifier import Checkpoint, leaf_hash, node_hash
from tests.logs.histories import City, append
from tests.logs.memory_log import MemoryLog
from tests.streams.tree.test_verifier import KEYS, LOG, ORIGIN, checkpoint

SIZE = 60
FLIPS = 3500
"""For each of two bundles; with those of receipts they are 10,000."""
STATED = 46
"""The position at which the log states its contracts."""
CODEC = AvroCodec()
PUBLISHED = named_contracts()
STREAMS = Path(avro.__file__).parents[2]
RANGE, TAGGED = BundleSelection(range=(3, 44)), BundleSelection(tags=("school:s-1",))


def registered(number: int) -> PersonRegistered:
    envelope: dict[str, Any] = {"id": f"r-{number}", "source": "/test", "occurred_at": number}
    return PersonRegistered(f"p-{number}", b"\0sealed \xff", **envelope)


def stated(contracts: Sequence[NamedContract], identity: str = "c") -> ContractsPublished:
    found = [PublishedContract(each.name, each.number, each.digest) for each in contracts]
    envelope: dict[str, Any] = {"id": identity, "source": "urn:pujiang", "occurred_at": 1}
    return ContractsPublished(release="1", contracts=found, **envelope)


def city(size: int = SIZE, contracts: Sequence[NamedContract] = PUBLISHED) -> MemoryLog:
    log = MemoryLog(clock=lambda: 1_700_000_000_000_000)
    events = [registered(1), registered(2), *City(3, people=20).events(size - 2)]
    events.insert(STATED - 1, stated(contracts))
    append(log, CODEC, events[:size])
    return log


@pytest.fixture(scope="module")
def log() -> MemoryLog:
    return city()


@pytest.fixture(scope="module")
def bundle(log: MemoryLog, tmp_path_factory: pytest.TempPathFactory) -> Callable[[BundleSelection], bytes]:
    folder = tmp_path_factory.mktemp("bundles")
    made: dict[BundleSelection, bytes] = {}

    def of(wanted: BundleSelection) -> bytes:
        if wanted not in made:
            made[wanted] = export(log, wanted, folder / "audit.tar")
        return made[wanted]

    return of


def export(log: MemoryLog, wanted: BundleSelection, out: Path, note: str = "") -> bytes:
    Bundling(log, CODEC, note or checkpoint(log)).write(wanted, out)
    found = out.read_bytes()
    out.unlink()
    assert list(out.parent.iterdir()) == []
    return found


def checked(bundle: bytes, keys: Sequence[Any] = KEYS) -> BundleReport:
    return check(io.BytesIO(bundle), keys)


def files(bundle: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(bundle)) as archive:
        return {each.name: read.read() for each in archive if (read := archive.extractfile(each))}


def of_tag(log: MemoryLog, tag: str) -> list[Stored]:
    return [each for each in log.read() if tag in tags(CODEC.decode(each))]


def test_what_is_within(log: MemoryLog, bundle: Callable[[BundleSelection], bytes]) -> None:
    for wanted, entries in ((RANGE, log.read(2, 44)), (TAGGED, of_tag(log, "school:s-1"))):
        found = files(bundle(wanted))
        lines = [json.loads(each) for each in found["history.jsonl"].splitlines()]
        assert [each["position"] for each in lines] == [each.position for each in entries]
        assert [each["data"] for each in lines] == [data(each) for each in entries]
        assert json.loads(found["manifest.json"])["entries"] == len(entries) > 1
        sums = found.pop("SHA256SUMS").decode()
        assert sums == "".join(f"{sha256(each).hexdigest()}  {name}\n" for name, each in found.items())


def data(stored: Stored) -> dict[str, Any]:
    event = CODEC.decode(stored)
    told = {each.name: getattr(event, each.name) for each in fields(type(event))}
    return cast("dict[str, Any]", json.loads(json.dumps(told, default=sealed)))


def sealed(value: Any) -> Any:
    found = avro.decoder("bytes")(avro.ByteReader(avro.text(value)))
    assert list(found) == ["sealed"]
    return found


def test_each_contract_has_an_avro_container(
    log: MemoryLog, bundle: Callable[[BundleSelection], bytes]
) -> None:
    found, newest = files(bundle(BundleSelection(range=(1, SIZE)))), latest(published())
    read: dict[int, dict[str, Any]] = {}
    for name, each in found.items():
        if name.endswith(".avro"):
            for record in cast("list[dict[str, Any]]", list(fastavro.reader(io.BytesIO(each)))):
                read[record["position"]] = record
                assert name == f"history/{record['type']}.{newest[record['type']].version}.avro"
    assert sorted(read) == [*range(1, SIZE + 1)]
    assert read[1]["data"]["name"] == b"\0sealed \xff"
    for stored in log.read():
        event, record = CODEC.decode(stored), read[stored.position]
        envelope = (event.recorded_at, event.occurred_at, event.source, event.id)
        assert envelope == tuple(record[each] for each in ("recorded_at", "occurred_at", "source", "id"))


def test_the_same_export_has_the_same_bytes(
    log: MemoryLog, bundle: Callable[[BundleSelection], bytes], tmp_path: Path
) -> None:
    for wanted in (RANGE, TAGGED):
        assert export(log, wanted, tmp_path / "again") == bundle(wanted)


def test_an_untouched_bundle(bundle: Callable[[BundleSelection], bytes]) -> None:
    for wanted, sentence in ((RANGE, "42 entries, positions 3 to 44"), (TAGGED, "some with school:s-1")):
        found = checked(bundle(wanted))
        assert found.findings == []
        assert sentence in str(found)
        assert f"{ORIGIN} at size {SIZE}, signed by {LOG.key.name}" in str(found)
    manifest = Manifest.read(files(bundle(TAGGED))["manifest.json"].decode())
    assert any("these are all" in each for each in json.loads(str(manifest))["does_not_prove"])


@pytest.mark.parametrize("span", [(1, 1), (1, SIZE), (SIZE, SIZE), (32, 33), (1, 32)])
def test_any_range(log: MemoryLog, tmp_path: Path, span: tuple[int, int]) -> None:
    assert checked(export(log, BundleSelection(range=span), tmp_path / "out")).findings == []


def test_an_older_checkpoint_will_do(log: MemoryLog, tmp_path: Path) -> None:
    note = checkpoint(log)
    log = city(SIZE + 30)
    assert checked(export(log, RANGE, tmp_path / "out", note)).findings == []
    with pytest.raises(NothingToExport, match=f"position {SIZE + 1} is not covered by a checkpoint yet"):
        export(log, BundleSelection(range=(1, SIZE + 1)), tmp_path / "out", note)


@pytest.mark.parametrize(
    "wanted",
    [BundleSelection(range=(3, 2)), BundleSelection(range=(0, 2)), BundleSelection(tags=("school:none",))],
)
def test_nothing_to_export(log: MemoryLog, tmp_path: Path, wanted: BundleSelection) -> None:
    with pytest.raises(NothingToExport):
        export(log, wanted, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_entries_that_nobody_can_read_are_told_as_such(tmp_path: Path) -> None:
    log = city(10)
    broken = CODEC.propose(registered(3)).data
    unknown = broken[:1] + (9999).to_bytes(4, "big") + broken[5:]
    for each in (b"", unknown, broken[:-2], broken + b"\0"):
        log.append([Proposal("s", f"x-{len(each)}", "x", 1, ("a",), each)])
    bundle = export(log, BundleSelection(range=(1, 14)), tmp_path / "out")
    found = checked(bundle)
    assert (found.findings, found.unreadable) == ([], 4)
    lines = [json.loads(each) for each in files(bundle)["history.jsonl"].splitlines()[10:]]
    assert [each["unreadable"] for each in lines] == [
        "the entry is cut short",
        "no contract has the id 9999",
        "the data is cut short",
        "the data goes on where it should end",
    ]


@pytest.mark.parametrize("wanted", [RANGE, TAGGED])
def test_any_changed_byte_is_found_and_located(
    bundle: Callable[[BundleSelection], bytes], wanted: BundleSelection
) -> None:
    chance, whole = random.Random(7), bundle(wanted)
    with tarfile.open(fileobj=io.BytesIO(whole)) as archive:
        members = archive.getmembers()
    for _ in range(FLIPS):
        at, bit = chance.randrange(len(whole)), 1 << chance.randrange(8)
        changed = whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :]
        found = checked(changed).findings
        within = [each.name for each in members if 0 <= at - each.offset_data < each.size]
        if within:
            assert within[0] in {each.file for each in found} or within == ["SHA256SUMS"], (at, found)
            assert any("SHA256SUMS" in str(each) for each in found), (at, found)
        else:
            (only,) = found
            told = int(only.sentence.partition("byte ")[2].partition(":")[0])
            assert told - 1 <= at < told + 3 * BLOCK_BYTES, (at, only)


def test_a_changed_entry_is_found_at_its_position(bundle: Callable[[BundleSelection], bytes]) -> None:
    whole = bundle(RANGE)
    with tarfile.open(fileobj=io.BytesIO(whole)) as archive:
        start = {each.name: each.offset_data for each in archive.getmembers()}
    places = [("entries", start["entries"] + 30, 3), ("leaves", start["leaves"] + 32 * 7, 10)]
    line = whole.index(b"\n", start["history.jsonl"]) + 30
    for name, at, position in (*places, ("history.jsonl", line, 4)):
        changed = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        found = [(each.file, each.position) for each in checked(changed).findings]
        assert (name, position) in found


def remade(made: dict[str, bytes]) -> bytes:
    """Put a bundle together again, with digests that fit."""
    out = io.BytesIO()
    container.write(out, [(name, io.BytesIO(each)) for name, each in made.items() if name != SUMS])
    return out.getvalue()


def test_digests_that_were_made_to_fit_hide_nothing(bundle: Callable[[BundleSelection], bytes]) -> None:
    chance, whole = random.Random(9), files(bundle(RANGE))
    assert remade(whole) == bundle(RANGE)
    names = [each for each in whole if each != SUMS]
    for _ in range(1500):
        name = chance.choice(names)
        at, bit = chance.randrange(len(whole[name])), 1 << chance.randrange(8)
        changed = bytearray(whole[name])
        changed[at] ^= bit
        assert checked(remade(whole | {name: bytes(changed)})).findings, (name, at, bit)


@pytest.mark.parametrize(
    "name, content, sentence",
    [
        ("manifest.json", b"[" * 100_000, "this is not a manifest: RecursionError"),
        ("manifest.json", b"{}", "this is not a manifest: KeyError"),
        ("manifest.json", b"\xff", "byte 0 is not UTF-8"),
        ("checkpoint", b"\xff", "byte 0 is not UTF-8"),
        ("contracts/roll.StudentEnrolled.2.avsc", "{}".encode("utf-16"), "byte 0 is not UTF-8"),
        ("checkpoint", f"{ORIGIN}\n{'9' * 5000}\n".encode(), "this is not a signed note"),
        ("contracts/roll.StudentEnrolled.2.avsc", b"[" * 100_000, "this is not a contract"),
        ("contracts/roll.StudentEnrolled.2.avsc", b'{"type": "map"}', "unknown type: 'map'"),
        (
            "contracts/roll.StudentEnrolled.2.avsc",
            b'{"type": "record", "name": "x", "fields": [1]}',
            "invalid field: 1",
        ),
        ("entries", b"", "the range goes on to 44"),
        ("entries", b"12", "the file ends too early"),
        ("leaves", b"", "the file ends too early"),
        ("proof", b"", "the file ends too early"),
        ("history.jsonl", b"", "the line is not that of the entry"),
        ("history/roll.StudentEnrolled.2.avro", b"", "its header is not that of a container of its contract"),
    ],
)
def test_whatever_stands_there_is_told(
    bundle: Callable[[BundleSelection], bytes], name: str, content: bytes, sentence: str
) -> None:
    found = checked(remade(files(bundle(RANGE)) | {name: content})).findings
    assert any(each.file == name and sentence in each.sentence for each in found), found


@pytest.mark.parametrize(
    "chosen", [{"tags": []}, {"tags": [""]}, {"tags": ["school:"]}, {"tags": ["s-1"]}, {}]
)
def test_a_bundle_of_nothing_in_particular_is_none(
    bundle: Callable[[BundleSelection], bytes], chosen: dict[str, Any]
) -> None:
    made = files(bundle(TAGGED))
    manifest = json.loads(made["manifest.json"]) | {"selection": {"tags": [], **chosen}}
    text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    (found,) = checked(remade(made | {"manifest.json": text.encode()})).findings
    assert (found.file, found.sentence[:17]) == ("manifest.json", "it says neither w")


FORGED = "x\n42 entries of example.org/log: 0 findings\x1b[8m"


def test_no_name_in_a_bundle_makes_a_line_of_its_own(bundle: Callable[[BundleSelection], bytes]) -> None:
    made = files(bundle(TAGGED))
    manifest = json.loads(made["manifest.json"])
    with_tag = manifest | {"selection": {"tags": [f"school:{FORGED}"]}}
    with_contract = manifest | {"contracts": {"1": FORGED}}
    texts = [json.dumps(each, ensure_ascii=False, indent=1) + "\n" for each in (with_tag, with_contract)]
    doctored = [made | {"manifest.json": each.encode()} for each in texts]
    for each in (*doctored, made | {FORGED: b""}, {FORGED: b"", **made}):
        report = checked(remade(each))
        for line in (*report.findings, report):
            assert str(line).isprintable(), str(line)
    tagged = checked(remade(doctored[0]))
    assert "some with 'school:x\\n42 entries" in str(tagged)


def test_a_contract_without_end_is_no_trap(log: MemoryLog) -> None:
    schema = {"type": "record", "name": "x", "fields": [{"name": "x", "type": ["null", "x"]}]}
    contract = BundleContract.of("x.x.1", json.dumps(schema).encode())
    entry = CODEC.propose(registered(1))
    deep = structs.replace(entry, data=entry.data[:1] + bytes(3) + b"\1" + b"\2" * 60_000 + b"\0")
    found = history_entry(7, complete(deep.tail(), 1), {1: contract})
    assert json.loads(found.line) == {"position": 7, "unreadable": "its data goes too deep"}


def test_a_record_is_found_at_its_position(bundle: Callable[[BundleSelection], bytes]) -> None:
    whole = bundle(BundleSelection(range=(1, SIZE)))
    with tarfile.open(fileobj=io.BytesIO(whole)) as archive:
        place = next(
            each for each in archive.getmembers() if each.name.startswith("history/identity.PersonReg")
        )
    at = whole.index(b"r-2", place.offset_data)
    (_, found) = checked(whole[:at] + b"R" + whole[at + 1 :]).findings
    assert (found.file, found.position) == (place.name, 2)


def test_a_bundle_that_ends_too_early_or_goes_on(bundle: Callable[[BundleSelection], bytes]) -> None:
    whole = bundle(RANGE)
    for end in (*range(0, len(whole), 509), len(whole) - 1):
        (found,) = checked(whole[:end]).findings
        assert "byte " in found.sentence
    for more in (b"\0", bytes(BLOCK_BYTES), whole):
        (found,) = checked(whole + more).findings
        assert "the archive does not end correctly" in found.sentence


def test_files_in_another_order(bundle: Callable[[BundleSelection], bytes]) -> None:
    whole = bundle(RANGE)
    with tarfile.open(fileobj=io.BytesIO(whole)) as archive:
        starts = [each.offset for each in archive.getmembers()]
    pieces = [
        whole[start:end]
        for start, end in zip(starts, [*starts[1:], len(whole) - 2 * BLOCK_BYTES], strict=True)
    ]
    for at in range(len(pieces) - 1):
        swapped = [*pieces[:at], pieces[at + 1], pieces[at], *pieces[at + 2 :]]
        found = checked(b"".join(swapped) + bytes(2 * BLOCK_BYTES)).findings
        assert "in place of" in found[-1].sentence
    for at in range(len(pieces)):
        lacking = b"".join(pieces[:at] + pieces[at + 1 :]) + bytes(2 * BLOCK_BYTES)
        assert checked(lacking).findings
        doubled = b"".join(pieces[: at + 1] + pieces[at:]) + bytes(2 * BLOCK_BYTES)
        assert "twice" in checked(doubled).findings[0].sentence


def swapped(made: dict[str, bytes]) -> str:
    """Return the file of the contract that is swapped: the first one."""
    return next(each for each in made if each.startswith("contracts/"))


def doctored(made: dict[str, bytes]) -> bytes:
    """Rename a field in a contract, and make everything that follows from it fit."""
    contracts = json.loads(made["manifest.json"])["contracts"]
    schema = json.loads(made[swapped(made)])
    schema["fields"][0]["name"] = "renamed"
    made = made | {swapped(made): json.dumps(schema).encode()}
    read = {
        int(each): BundleContract.of(name, made[f"contracts/{name}.avsc"]) for each, name in contracts.items()
    }
    lines, records, entries = list[bytes](), dict[str, list[bytes]](), io.BytesIO(made["entries"])
    while head := entries.read(10):
        position, entry = int.from_bytes(head[:8], "big"), entries.read(int.from_bytes(head[8:], "big"))
        found = history_entry(position, entry, read)
        lines.append(found.line)
        records.setdefault(str(found.contract), []).append(found.record)
    for each in read.values():
        whole, marker = avro.header(each.container), avro.sync(each.container)
        for start in range(0, len(records[each.name]), avro.BLOCK_RECORDS):
            whole += avro.block(records[each.name][start : start + avro.BLOCK_RECORDS], marker)
        made[f"history/{each.name}.avro"] = whole
    return remade(made | {"history.jsonl": b"".join(lines)})


@pytest.mark.parametrize("wanted", [RANGE, TAGGED])
def test_a_swapped_contract_is_found(
    bundle: Callable[[BundleSelection], bytes], wanted: BundleSelection
) -> None:
    made = files(bundle(wanted))
    (found,) = checked(doctored(made)).findings
    assert (found.file, found.position) == (swapped(made), STATED)
    assert found.sentence == "it is not the contract that the log states"
    # Without the statement the bundle alone cannot tell, and the check says so; published contracts can.
    doctored_ = doctored(made | {"statements": b""})
    report = checked(doctored_)
    assert report.findings == []
    assert report.lines[0].startswith("contracts not compared, as no statement of the log is here about: ")
    assert swapped(made).removeprefix("contracts/").removesuffix(".avsc") in report.lines[0]
    known = {each.name: each for each in PUBLISHED}
    (found,) = check(io.BytesIO(doctored_), KEYS, published=known).findings
    assert found.sentence == "it is not the contract that was published"


def test_all_contracts_are_compared(bundle: Callable[[BundleSelection], bytes]) -> None:
    known = {each.name: each for each in PUBLISHED}
    report = check(io.BytesIO(bundle(RANGE)), KEYS, published=known)
    assert report.lines == [str(report)]
    del known["roll.StudentEnrolled.2"]
    report = check(io.BytesIO(bundle(RANGE)), KEYS, published=known)
    assert report.findings == []
    assert report.lines[0] == (
        "contracts not compared, as none was published under the name of: roll.StudentEnrolled.2"
    )


def test_a_log_that_states_contracts_twice_is_found(tmp_path: Path) -> None:
    log = city()
    other = NamedContract("roll.StudentEnrolled.2", 999, "0" * 64)
    append(log, CODEC, [stated([other], "again")])
    (found,) = checked(export(log, RANGE, tmp_path / "out")).findings
    assert (found.file, found.position) == ("contracts/roll.StudentEnrolled.2.avsc", SIZE + 1)
    # A statement among the entries counts, too.
    made = files(export(log, BundleSelection(range=(1, SIZE + 1)), tmp_path / "out"))
    among = checked(remade(made | {"statements": b""})).findings
    assert ("contracts/roll.StudentEnrolled.2.avsc", SIZE + 1) in [
        (each.file, each.position) for each in among
    ]


def test_what_states_no_contract_is_no_statement(bundle: Callable[[BundleSelection], bytes]) -> None:
    made = files(bundle(RANGE))
    size = 10 + int.from_bytes(made["statements"][8:10], "big")
    for changed, sentence in (
        (made["statements"][:size], "the file ends too early"),
        (made["statements"][: size // 2], "the file ends too early"),
        (bytes(8) + made["statements"][8:], "has none with index -1"),
        (made["statements"][:7] + b"\1" + made["statements"][8:], "does not have this entry"),
    ):
        found = checked(remade(made | {"statements": changed})).findings
        assert any(each.file == "statements" and sentence in each.sentence for each in found), found


def test_statements_have_one_contract() -> None:
    """The check reads them by the contract that stands in it: a second version needs a second one there."""
    assert [each.version for each in published() if each.type == STATEMENT] == [1]


@pytest.mark.parametrize("how", ["other", "lacking", "swapped"])
def test_what_is_made_of_a_doctored_log_does_not_hold(log: MemoryLog, tmp_path: Path, how: str) -> None:
    events = [CODEC.decode(each) for each in log.read()]
    other = MemoryLog(clock=lambda: 1_700_000_000_000_000)
    if how == "other":
        events[9] = registered(77)
    if how == "lacking":
        del events[9]
        events.append(registered(78))
    if how == "swapped":
        events[8:10] = events[9:7:-1]
    append(other, CODEC, events)
    found = checked(export(other, RANGE, tmp_path / "out", checkpoint(log))).findings
    assert [each.file for each in found] == ["statements", "proof"]
    assert "do not make the signed tree" in found[1].sentence


def test_whose_log_it_is(bundle: Callable[[BundleSelection], bytes]) -> None:
    (found,) = checked(bundle(RANGE), [Signer(ORIGIN, 1, bytes(32)).key]).findings
    assert found.file == "checkpoint"
    assert "no key that was given" in found.sentence


@given(st.integers(1, 300).flatmap(lambda size: st.tuples(st.just(size), st.sets(st.integers(1, size)))))
def test_one_proof_serves_all_entries(made: tuple[int, set[int]]) -> None:
    size, positions = made
    leaves = [leaf_hash(b"%d" % each) for each in range(size)]
    spans = list(apart(iter(sorted(positions)), size))
    covered = [each for start, end in spans for each in range(start, end)]
    assert sorted([*covered, *(each - 1 for each in positions)]) == [*range(size)]
    assert spans == sorted(spans)
    paths = {each for position in positions for each in inclusion(position - 1, size)}
    assert not positions or set(spans) <= paths
    assert Tree().grown(leaves)[0].root == root(leaves, iter(spans), sorted(positions), 0, size)


def root(
    leaves: list[bytes], spans: Iterator[tuple[int, int]], positions: list[int], start: int, end: int
) -> bytes:
    """As the check does it, by the specification of RFC 6962."""
    if not any(start < each <= end for each in positions):
        assert next(spans) == (start, end)
        return Tree().grown(leaves[start:end])[0].root
    if end - start == 1:
        return leaves[start]
    middle = start + (1 << (end - start - 1).bit_length() - 1)
    left = root(leaves, spans, positions, start, middle)
    return node_hash(left, root(leaves, spans, positions, middle, end))


@pytest.mark.parametrize("contract", published(), ids=lambda each: each.type)
def test_data_reads_as_by_another_library(contract: Any) -> None:
    decode, chance = avro.decoder(contract.schema), random.Random(5)
    for _ in range(20):
        record = made(contract.schema, chance)
        out = io.BytesIO()
        fastavro.schemaless_writer(out, contract.parsed(), record)
        data = avro.ByteReader(out.getvalue())
        assert decode(data) == json.loads(json.dumps(record, default=sealed))
        assert data.left == 0


def made(schema: Any, chance: random.Random, named: dict[str, Any] | None = None) -> Any:
    """Make a value of a schema by chance."""
    named = {} if named is None else named
    plain: dict[str, Callable[[], Any]] = {
        "null": lambda: None,
        "boolean": lambda: chance.random() < 0.5,
        "long": lambda: chance.choice([0, -1, 63, 64, -65, 2**40, -(2**63), 2**63 - 1]),
        "double": lambda: chance.choice([0.0, -1.5, 1e300]),
        "string": lambda: chance.choice(["", "x", "王小明" * 30]),
        "bytes": lambda: chance.randbytes(chance.randrange(100)),
    }
    if isinstance(schema, list):
        return made(chance.choice(schema), chance, named)
    if isinstance(schema, str):
        return plain[schema]() if schema in plain else made(named[schema], chance, named)
    if schema["type"] == "array":
        return [made(schema["items"], chance, named) for _ in range(chance.randrange(4))]
    assert schema["type"] == "record"
    named[schema["name"]] = schema
    return {each["name"]: made(each["type"], chance, named) for each in schema["fields"]}


@given(st.integers(-(2**63), 2**63 - 1))
def test_numbers(number: int) -> None:
    assert avro.ByteReader(avro.long(number)).long() == number


def test_a_range_reaches_its_end(log: MemoryLog, tmp_path: Path) -> None:
    """A checkpoint of a smaller log does not cover a range beyond it."""
    whole = files(export(log, RANGE, tmp_path / "out"))
    small = str(
        Checkpoint(ORIGIN, 10, Tree().grown([leaf_hash(each.entry) for each in log.read(0, 10)])[0].root)
    )
    changed = export(log, RANGE, tmp_path / "out").replace(
        whole["checkpoint"], f"{small}\n{LOG.sign(small)}".encode().ljust(len(whole["checkpoint"]), b"\n")
    )
    assert checked(changed).findings


SCRIPT = """
import sys
sys.modules.update(dict.fromkeys(("adapters", "domain", "events", "projections", "fastavro", "msgspec")))
from streams.proof.bundle.__main__ import main
assert main.__globals__["__file__"].startswith({folder!r})
sys.exit(main(sys.argv[1:]))
"""


def test_the_check_stands_alone(bundle: Callable[[BundleSelection], bytes], tmp_path: Path) -> None:
    copied = tmp_path / "streams"
    for each in ("__init__.py", "proof/__init__.py", "tree/__init__.py", "tree/verifier.py"):
        (copied / each).parent.mkdir(exist_ok=True)
        shutil.copy(STREAMS / each, copied / each)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(STREAMS / "proof" / "bundle", copied / "proof" / "bundle", ignore=ignored)
    file = tmp_path / "audit.tar"
    file.write_bytes(bundle(RANGE))

    def run(key: str) -> subprocess.CompletedProcess[str]:
        script = SCRIPT.format(folder=str(tmp_path))
        command = [sys.executable, "-c", script, str(file), "--key", key]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    done = run(str(LOG.key))
    assert (done.returncode, done.stderr) == (0, "")
    assert "42 entries, positions 3 to 44" in done.stdout
    assert run(str(Signer("else", 1, bytes(32)).key)).returncode == 1
    assert run("nonsense").returncode == 2
    file.unlink()
    assert run(str(LOG.key)).stderr.startswith("[Errno 2]")
