import pytest

from projections.catalogue import READ_MODELS
from streams.project.projector import WARM_BYTES, Projector
from streams.project.rebuild import Rebuild
from streams.read_ports import Open, Parts
from tests.logs.histories import City, append, assert_sound, rows

ROLL = ("students", "roll-history", "leaves", "schools", "roll-discrepancies", "head-counts", "teachers")


def projector(parts: Parts, bound: int = WARM_BYTES) -> Projector:
    return Projector(parts.log, parts.codec, parts.store, READ_MODELS, bound=bound)


def drain(projector: Projector) -> None:
    while projector.step():
        pass


def test_rows_are_what_their_histories_fold_to(open_: Open, parts: Parts) -> None:
    Rebuild(open_).bring_up(READ_MODELS)
    city, live = City(1), projector(parts)
    for size in (1, 7, 300, 1200):
        append(parts.log, parts.codec, city.events(size))
        drain(live)
        assert_sound(parts, ROLL)
    assert rows(parts, "students")


@pytest.mark.parametrize("seed", range(4))
def test_little_memory_is_enough(open_: Open, parts: Parts, seed: int) -> None:
    Rebuild(open_).bring_up(READ_MODELS)
    city, live = City(seed, merges=0.1), projector(parts, bound=1)
    for size in (100, 100, 500):
        append(parts.log, parts.codec, city.events(size))
        drain(live)
    assert_sound(parts, ROLL)


def test_a_rebuild_equals_what_was_followed(open_: Open, parts: Parts) -> None:
    Rebuild(open_).bring_up(READ_MODELS)
    city, live = City(3, merges=0.1), projector(parts)
    append(parts.log, parts.codec, city.events(800))
    drain(live)
    followed = {name: rows(parts, name) for name in ROLL}
    Rebuild(open_, bound=20_000).run(READ_MODELS)
    for name in ROLL:
        again = rows(parts, name)
        assert again.keys() == followed[name].keys()
        assert all(line.same(followed[name][key]) for key, line in again.items())
    assert_sound(parts, ROLL)
    append(parts.log, parts.codec, city.events(100))
    drain(live)
    assert_sound(parts, ROLL)
