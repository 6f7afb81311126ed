"""Person numbers are issued on request: fresh, opaque, and taken by the door."""

from __future__ import annotations

from typing import Any, cast

from adapters.http.log.numbers import number
from adapters.http.log.publish import Publications
from events.identity_number import reveals_identity
from tests.adapters.http.conftest import World, registered, serving


async def test_numbers_are_issued_and_none_twice(world: World) -> None:
    publish = Publications(world.door, cast("Any", None)).answer
    async with serving(world, publish=publish) as client:
        one = (await client.post("/person-numbers")).json()["numbers"]
        many = (await client.post("/person-numbers?count=1000")).json()["numbers"]
        assert (len(one), len(set(many) - set(one))) == (1, 1000)
        for wrong in ("count=0", "count=1001", "count=x", "much=1"):
            assert (await client.post(f"/person-numbers?{wrong}")).json()["code"] == "bad-parameter"
    assert world.append(registered(one[0])) == 1


def test_a_number_says_nothing() -> None:
    numbers = [number() for _ in range(1000)]
    assert not any(map(reveals_identity, numbers))
    assert {len(each) for each in numbers} == {24}
    assert all(each.isalpha() and each.islower() for each in numbers)
