"""Components of aliases: always the same as following every alias from link to link."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from streams.history.components import Components


def walked(into: Mapping[str, str], value: str) -> str:
    while value in into:
        value = into[value]
    return value


@pytest.mark.parametrize("seed", range(20))
def test_they_equal_what_following_the_links_finds(seed: int) -> None:
    dice, components, into = random.Random(seed), Components(), dict[str, str]()
    values = [str(number) for number in range(15)]
    for _ in range(200):
        value, other = dice.sample(values, 2)
        if into and dice.random() < 0.4:
            value = dice.choice(sorted(into))
            components.end(value)
            del into[value]
        elif walked(into | {value: ""}, other) != "":
            components.begin(value, other)  # also if it was an alias of another one until now
            into[value] = other
        assert components.into == into
        roots = {each: walked(into, each) for each in values}
        assert {each: components.root(each) for each in values} == roots
        for each in values:
            assert set(components.members(each)) == {one for one in values if roots[one] == roots[each]}


def test_a_circle_ends() -> None:
    components = Components()
    components.begin("a", "b")
    components.begin("b", "a")
    components.begin("c", "a")
    assert components.root("c") == components.root("a") == components.root("b")
    components.end("b")
    assert [components.root(each) for each in "abc"] == ["b", "b", "b"]


@pytest.mark.parametrize("order", ["from the first", "from the last", "shuffled"])
def test_a_long_chain_is_cheap_from_either_end(order: str) -> None:
    number = 20_000
    links = [(str(each), str(each + 1)) for each in range(number)]
    if order == "from the last":
        links.reverse()
    elif order == "shuffled":
        random.Random(1).shuffle(links)
    components = Components()
    for value, into in links:
        components.begin(value, into)
    assert {components.root(str(each)) for each in range(number + 1)} == {str(number)}
