"""A machine that is too slow for whole batches follows the log in shorter ones, and takes longer ones again when it can."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from projections.catalogue import READ_MODELS
from streams.history.decoding import Decoded
from streams.project.folding import Folding
from streams.project.projector import BATCH, Projector
from streams.project.rebuild import Rebuild
from streams.project.refolder import Refolder
from streams.project.stride import SHORTEST, Stride
from streams.read_ports import Open, Parts, RowsByTag
from tests.logs.histories import City, append, assert_sound
from tests.streams.project.test_projector import ROLL

MOST = 20


class Ended(Exception):
    """The database has ended a transaction that took too long."""


def test_a_projector_whose_transactions_are_ended_goes_on_in_shorter_ones(
    open_: Open, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    Rebuild(open_).bring_up(READ_MODELS)
    append(parts.log, parts.codec, City(3, merges=0.1).events(400))
    apply, stride, ended = Folding.apply, Stride(), 0

    def slow(self: Folding, items: Sequence[Decoded], store: RowsByTag, known: object) -> None:
        if len(items) > MOST:
            raise Ended
        apply(self, items, store, known)  # type: ignore[arg-type]

    monkeypatch.setattr(Folding, "apply", slow)
    while parts.store.live()["students"].position < parts.log.head():
        try:  # as the loop that keeps a projector running does
            Projector(parts.log, parts.codec, parts.store, READ_MODELS, stride=stride).step()
        except Ended:
            ended += 1
    assert 0 < ended < 60
    monkeypatch.setattr(Folding, "apply", apply)
    refolder = Refolder(parts, READ_MODELS)
    while refolder.step():
        pass
    assert_sound(parts, ROLL)


def test_a_stride_shortens_after_what_took_long_and_lengthens_after_what_did_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stride, clock = Stride(), iter([0.0, 3.0, 3.0, 4.0, 4.0, 4.1])
    monkeypatch.setattr("streams.project.stride.time.monotonic", lambda: next(clock))
    found = []
    for _ in range(3):
        with stride.taken():
            pass
        found.append(stride.of(BATCH))
    assert found == [BATCH // 2, BATCH // 2, BATCH]


def test_the_shortest_stride_takes_one_entry() -> None:
    stride = Stride()
    for _ in range(30):
        with pytest.raises(Ended), stride.taken():
            raise Ended
    assert (stride.part, stride.of(BATCH)) == (SHORTEST, 1)
