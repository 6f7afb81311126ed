"""Whatever is changed in the stored log is found by `verify`, and where it was changed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from eventsourcing.dcb.api import DCBEvent
from psycopg.errors import UniqueViolation
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier

from adapters.contracts.codec import AvroCodec
from adapters.keys.signing import Signer
from adapters.library.dcb import LogRecorder
from adapters.postgres.log.checkpoints import PostgresCheckpoints
from adapters.postgres.log.log import PostgresLog
from adapters.run.fsck import open_tables
from events.entry import parse
from streams.proof.checkpoints import Checkpointer, Forked
from streams.proof.fsck.checkpoints import open_fully
from streams.proof.fsck.journal import Journal
from streams.proof.fsck.ports import Finding, StoredLog
from streams.proof.fsck.run import Verification, VerificationReport
from streams.proof.witness import Submission, Witness
from streams.tree.merkle import Tile, Tree, split, tree_of
from streams.tree.verifier import COSIGNATURE, ED25519, Checkpoint, Key, Note, Signature, Unproven, leaf_hash
from tests.logs.histories import City, append
from tests.streams.proof.test_witness import MemoryNotes

COSIGNER = Signer("witness.example/w", COSIGNATURE, bytes(32))
FLIPS = 25
RESTORE = (
    "DELETE FROM log.entries WHERE position > 20",
    "DELETE FROM log.tags WHERE position > 20",
    "DELETE FROM log.tiles WHERE first >= 20",
    "DELETE FROM log.checkpoints WHERE size > 20",
)


class Near:
    """A witness that is asked without a network between."""

    def __init__(self, witness: Witness) -> None:
        self.witness, self.name = witness, COSIGNER.key.name

    def submit(self, submission: Submission) -> Signature:
        return self.witness.add(str(submission))


class Kept:
    """A log of real events in a database of its own, with cosigned checkpoints of several sizes."""

    def __init__(self, url: str) -> None:
        self.url, self.log, self.codec = url, PostgresLog(url), AvroCodec()
        self.origin = f"example.org/{self.log.id}"
        self.signer = Signer(self.origin, ED25519, bytes(range(32)))
        self.published, self.memory = PostgresCheckpoints(url), MemoryNotes()
        self.raw = psycopg.connect(url, autocommit=True)
        self.stack = ExitStack()
        self.stored: StoredLog | None = None
        self.city = City(3)
        witness = Witness(MemoryNotes(), lambda text: COSIGNER.sign(text, 1_700_000_000), [self.signer.key])

        self.maker = Checkpointer(
            self.log,
            self.origin,
            lambda text: [self.signer.sign(text)],
            self.memory,
            self.published,
            witnesses=[Near(witness)],
        )
        self.keys: list[Key] = [self.signer.key, COSIGNER.key]

    def grow(self, *counts: int) -> None:
        for count in counts:
            append(self.log, self.codec, self.city.events(count), batch=40)
            self.maker.step()

    def verify(self, **more: object) -> VerificationReport:
        return Verification(self.open, self.keys, **more).run()  # type: ignore[arg-type]  # as it takes them

    @contextmanager
    def open(self) -> Iterator[StoredLog]:
        """Opened once: a codec takes longer than verifying a small log."""
        self.stored = self.stored or self.stack.enter_context(open_tables(self.url))
        yield self.stored

    def log_tree_at(self, size: int) -> Tree:
        return tree_of(size, self.log.tiles)

    def found(self, **more: object) -> list[Finding]:
        return self.verify(**more).findings

    def close(self) -> None:
        self.stack.close()
        self.raw.close()
        self.published.close()
        self.log.close()


@pytest.fixture
def kept(database_url: str) -> Iterator[Kept]:
    found = Kept(database_url)
    yield found
    found.close()


def test_an_untouched_log(kept: Kept) -> None:
    assert kept.found() == []
    kept.grow(0, 1, 254, 1, 1, 300)
    report = kept.verify()
    assert (report.size, report.root, report.checkpoints) == (557, kept.log.tree().root, 6)
    assert report.findings == []


def test_events_of_the_library_are_verified_too(kept: Kept) -> None:
    LogRecorder(kept.log).append([DCBEvent("made", b"data", ["a", "b"])])
    assert kept.found() == []


KEYS = {
    "entries": ("position",),
    "tags": ("tag", "type", "position"),
    "tiles": ("level", "first"),
    "checkpoints": ("origin", "size"),
    "head": (),
}
COLUMNS = [
    *(("entries", each) for each in ("position", "identity", "type", "source", "tags", "entry")),
    *(("tags", each) for each in ("tag", "type", "position")),
    *(("tiles", each) for each in ("level", "first", "hashes")),
    *(("checkpoints", each) for each in ("origin", "size", "note")),
    *(("head", each) for each in ("id", "position", "recorded_at", "tree")),
]
BITS = {"level": 16}

Row = dict[str, Any]


def stored(kept: Kept, table: str) -> list[Row]:
    with kept.raw.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(SQL("SELECT * FROM log.{}").format(Identifier(table))).fetchall()


def write(kept: Kept, table: str, row: Row, column: str, value: object) -> None:
    """Change one value of a row, which its key names as it is now."""
    named = SQL(" AND ").join(SQL("{} = {}").format(Identifier(each), row[each]) for each in KEYS[table])
    query = SQL("UPDATE log.{} SET {} = {} WHERE {}")
    kept.raw.execute(
        query.format(
            Identifier(table), Identifier(column), value, named if row and KEYS[table] else SQL("true")
        )
    )


def changed(value: Any, chance: random.Random, bits: int = 64) -> Any:
    """Return a value with one bit flipped."""
    match value:
        case bytes():
            at = chance.randrange(len(value))
            return value[:at] + bytes([value[at] ^ 1 << chance.randrange(8)]) + value[at + 1 :]
        case UUID():
            return UUID(bytes=changed(value.bytes, chance))
        case int():
            flipped = (value % 2**bits ^ 1 << chance.randrange(bits)).to_bytes(bits // 8, "big")
            return int.from_bytes(flipped, "big", signed=True)
        case list():
            at = chance.randrange(len(value))
            return [*value[:at], changed(value[at], chance), *value[at + 1 :]]
    return changed_text(value, chance)


def changed_text(value: str, chance: random.Random) -> str:
    """Return a text with one bit flipped that is a text still, and one that PostgreSQL can keep."""
    while True:
        try:
            found: str = changed(value.encode(), chance).decode()
        except UnicodeDecodeError:
            continue
        if "\0" not in found:
            return found


def place(table: str, column: str, row: Row, after: Any) -> tuple[str, str]:
    """Where a change must be found: a column, and what the row is told as."""
    match table, column:
        case "entries", _:
            return column, f"position {row['position']}"
        case "tags", _:
            return "tag, type, position", f"tag {row['tag']}, type {row['type']}, position {row['position']}"
        case "tiles", "hashes":
            at = next(
                n for n, (one, other) in enumerate(zip(row[column], after, strict=True)) if one != other
            )
            return column, f"level {row['level']}, hash {row['first'] + at // 32}"
        case "tiles", _:
            return "first", f"level {row['level']}, hash {row['first']}"
        case "checkpoints", _:
            told = row | {column: after}
            return column, f"{told['origin']} at {told['size']}"
    return column, "the row"


@pytest.mark.parametrize("table, column", COLUMNS)
def test_any_flipped_bit_is_found_and_located(kept: Kept, table: str, column: str) -> None:
    kept.grow(40, 230, 1, 40)
    kept.raw.execute("ALTER TABLE log.head DROP CONSTRAINT head_tree")
    chance = random.Random(f"{table} {column}")
    for _ in range(FLIPS):
        row = chance.choice([each for each in stored(kept, table) if each[column] != []])
        after = changed(row[column], chance, BITS.get(column, 64))
        try:
            write(kept, table, row, column, after)
        except UniqueViolation:
            continue
        findings = kept.found()
        where = place(table, column, row, after)
        assert where in [(each.column, each.row) for each in findings if each.table == table], (row, after)
        write(kept, table, row | {column: after}, column, row[column])
    assert kept.found() == []


def test_many_changes_are_each_found_and_nothing_else(kept: Kept) -> None:
    kept.grow(300)
    chance = random.Random(9)
    rows = stored(kept, "entries")
    for _ in range(60):
        changes = [
            (row, column, changed(row[column], chance))
            for row in chance.sample(rows, 50)
            if row[column := chance.choice(("identity", "type", "source", "tags"))]
        ]
        with kept.raw.transaction():
            for row, column, after in changes:
                write(kept, "entries", row, column, after)
        expected = {(column, f"position {row['position']}") for row, column, _ in changes}
        assert {(each.column, each.row) for each in kept.found()} == expected
        with kept.raw.transaction():
            for row, column, _ in changes:
                write(kept, "entries", row, column, row[column])


def test_any_changed_byte_of_a_checkpoint_is_found(kept: Kept) -> None:
    kept.grow(30)
    (note,) = [each["note"] for each in stored(kept, "checkpoints")]
    chance = random.Random(5)
    assert open_fully(note, kept.keys).size == 30
    for _ in range(3000):
        with pytest.raises(Unproven):
            open_fully(changed_text(note, chance), kept.keys)


def test_any_changed_byte_of_a_tile_is_found(kept: Kept) -> None:
    kept.grow(300)
    root, chance = kept.log.tree().root, random.Random(6)
    tiles = dict(zip(wanted := [Tile(0, 0), Tile(0, 1), Tile(1, 0)], kept.log.tiles(wanted), strict=True))
    for _ in range(1000):
        tile = chance.choice(wanted)
        served = tiles | {tile: changed(tiles[tile], chance)}
        of_leaves = Tree().grown(split(served[Tile(0, 0)] + served[Tile(0, 1)]))[0].root
        of_all = tree_of(300, partial(map, served.__getitem__)).root  # type: ignore[arg-type]  # it is walked once
        assert (of_leaves == root, of_all == root) == (
            (True, False) if tile.level else (False, tile == Tile(0, 0))
        )


@pytest.mark.parametrize("table, column", [("entries", "position"), ("tags", "tag"), ("tiles", "first")])
def test_a_row_that_is_missing_or_too_many(kept: Kept, table: str, column: str) -> None:
    kept.grow(40, 230, 1, 40)
    chance = random.Random(table)
    row = chance.choice(stored(kept, table))
    named = SQL(" AND ").join(SQL("{} = {}").format(Identifier(each), row[each]) for each in KEYS[table])
    kept.raw.execute(SQL("DELETE FROM log.{} WHERE {}").format(Identifier(table), named))
    where = place(table, column, row, None)
    assert where in [(each.column, each.row) for each in kept.found()]
    again = row | {column: -1}
    fields = SQL(", ").join(map(Identifier, again))
    for each in (row, again | ({"identity": UUID(int=0)} if table == "entries" else {})):
        values = SQL(", ").join(each.values())
        kept.raw.execute(SQL("INSERT INTO log.{} ({}) VALUES ({})").format(Identifier(table), fields, values))
    assert {each.table for each in kept.found()} == {table}


def test_a_history_that_was_written_anew_is_found_by_what_was_signed(kept: Kept) -> None:
    """Somebody who changes an entry, and all that follows from it, cannot change the signatures."""
    kept.grow(10, 10, 10)
    entries = [each.entry for each in kept.log.read()]
    entries[14] = entries[14][:-1] + bytes([entries[14][-1] ^ 1])
    grown, levels = Tree().grown([leaf_hash(each) for each in entries])
    with kept.raw.transaction():
        kept.raw.execute("UPDATE log.entries SET entry = %s WHERE position = 15", (entries[14],))
        kept.raw.execute("DELETE FROM log.tiles")
        for piece in Tree().pieces(levels):
            kept.raw.execute("INSERT INTO log.tiles VALUES (%s, %s, %s)", piece)
        kept.raw.execute("UPDATE log.head SET tree = %s", (grown.stored,))
    assert {each.row.partition(" at ")[2] for each in kept.found() if each.column == "note"} == {"20", "30"}


def test_a_restored_log_that_has_grown_differently_is_found_by_an_older_checkpoint(kept: Kept) -> None:
    kept.grow(20, 30)
    known = Checkpoint.read(Note.read(kept.published.latest(kept.origin) or "").text)
    assert kept.found(others=[("file", known)]) == []
    with kept.raw.transaction():
        for query in RESTORE:
            kept.raw.execute(query)
        tree_ = kept.log_tree_at(20)
        kept.raw.execute("UPDATE log.head SET position = 20, tree = %s", (tree_.stored,))
        kept.raw.execute(
            "UPDATE log.head SET recorded_at = %s", (parse(kept.log.read(19, 20)[0].entry).recorded_at,)
        )
    assert kept.found() == []
    (cut,) = kept.found(others=[("file", known)])
    assert "the log ends at 20" in cut.sentence
    append(kept.log, kept.codec, City(4).events(40))
    assert kept.found() == []
    (forked,) = kept.found(others=[("file", known)])
    assert (forked.row, forked.sentence[:38]) == ("file, size 50", "the log had another root at size 50: a")
    with pytest.raises(Forked, match="not the one that was signed before"):
        kept.maker.step()


def test_a_checkpoint_of_another_log_is_told(kept: Kept) -> None:
    kept.grow(20)
    other = Checkpoint("example.org/other", 20, kept.log.tree().root)
    (found,) = kept.found(others=[("file", other)])
    assert "another log; up to size 20 both are the same" in found.sentence


def test_a_log_of_several_segments_in_several_processes(kept: Kept) -> None:
    recorder = LogRecorder(kept.log)
    for size in (65_000, 65_536, 66_000, 70_000):
        recorder.append([DCBEvent("made", b"%d" % n, ["a"]) for n in range(kept.log.head(), size)])
        kept.maker.step()
    told: list[tuple[str, int, int]] = []

    def verified() -> VerificationReport:
        run = Verification(
            partial(open_tables, kept.url), kept.keys, processes=2, progress=lambda *each: told.append(each)
        )
        return run.run()

    report = verified()
    assert (report.size, report.root, report.checkpoints) == (70_000, kept.log.tree().root, 4)
    assert report.findings == []
    assert told[-1] == ("columns", 70_000, 70_000)
    for query in (
        "UPDATE log.entries SET entry = set_byte(entry, 5, get_byte(entry, 5) # 1) WHERE position IN (7, 66666)",
        "UPDATE log.tiles SET hashes = set_byte(hashes, 5, get_byte(hashes, 5) # 1) WHERE level = 2",
    ):
        kept.raw.execute(query)
    assert {(each.table, each.column, each.row) for each in verified().findings} == {
        ("entries", "entry", "position 7"),
        ("entries", "entry", "position 66666"),
        ("tiles", "hashes", "level 2, hash 0"),
    }


def interrupted(kept: Kept, folder: Path) -> Path:
    """Verify thirty entries, interrupted before their columns; return the notebook of that run."""
    kept.grow(30)
    journal = folder / "verify.jsonl"

    def interrupt(stage: str, done: int, _: int) -> None:
        if stage == "columns" and not done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kept.verify(journal=Journal(journal), progress=interrupt)
    return journal


def test_what_an_interrupted_run_has_left_hides_no_change(kept: Kept, tmp_path: Path) -> None:
    journal = interrupted(kept, tmp_path)
    kept.raw.execute(
        "UPDATE log.entries SET entry = set_byte(entry, 5, get_byte(entry, 5) # 1) WHERE position = 7"
    )
    report = kept.verify(journal=Journal(journal))
    assert report.taken_over == 0
    assert "position 7" in {each.row for each in report.findings}


def test_an_interrupted_run_goes_on_if_that_is_asked_for(kept: Kept, tmp_path: Path) -> None:
    journal = interrupted(kept, tmp_path)
    with journal.open("ab") as file:
        file.write(b'{"task":"columns 0","done":{"fin')
    kept.raw.execute("DELETE FROM log.checkpoints WHERE size = 30")  # thinned out meanwhile
    kept.grow(5)
    told: list[tuple[str, int, int]] = []
    resumed = Journal(journal, resume=True)
    report = kept.verify(journal=resumed, progress=lambda *each: told.append(each))
    assert told[0] == ("tree", 30, 30)
    assert (report.size, report.findings) == (30, [])
    assert (report.taken_over, report.tasks) == (1, 2)
    assert not journal.exists()
    assert kept.verify(journal=Journal(journal)).size == 35
