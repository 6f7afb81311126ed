"""The sample city's people: their one number, their birthday, and perhaps an account."""

from __future__ import annotations

from datetime import date
from random import Random

from msgspec import Struct

from adapters.upstream.city.clockwork import Actor, CityPlan, number

WITH_ACCOUNT = 0.6


class Person(Struct):
    """A person with a number, and perhaps an account."""

    number: str
    born: date
    district: str
    chance: Random
    actor: Actor
    account: str | None = None


def person(
    plan: CityPlan, name: str, born: date, district: str, account_share: float = WITH_ACCOUNT
) -> Person:
    """Return a person; the same for the same plan and name."""
    chance = plan.chance("person", name)
    its = Person(number("person", chance), born, district, chance, Actor(f"centre:{district}", name, chance))
    its.account = number("account", chance) if chance.random() < account_share else None
    return its


def officer(plan: CityPlan) -> Person:
    """Return the officer who decides contested cases of conduct."""
    return person(plan, "officer", date(1975, 5, 1), "310101", 1.0)
