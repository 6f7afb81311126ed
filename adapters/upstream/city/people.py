"""The sample city's people as its authentication centre knows them: numbers, accounts, logins."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from msgspec import Struct

from adapters.upstream.city.clockwork import FIRST_YEAR, YEARS, Actor, Plan, moment, number
from adapters.upstream.city.schools import DISTRICTS
from events.event import Event
from events.identity import (
    AccountLinked,
    ApplicationConnected,
    Attribute,
    IdentityProviderTrusted,
    LoginFailed,
    LoginSucceeded,
    PersonDetailsCorrected,
    PersonRegistered,
    SessionEnded,
)

FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰梅鑫宇轩梓涵欣怡浩然子墨"
APPLICATIONS = ("homework", "library", "credit-bank", "evaluation", "payments")
WITH_ACCOUNT, LOGINS_A_YEAR, FAILING, ENDED = 0.6, 1.6, 0.06, 0.15


class Person(Struct):
    """Somebody with a number, and perhaps an account."""

    number: str
    born: date
    district: str
    chance: Random
    actor: Actor
    account: str | None = None


def person(plan: Plan, name: str, born: date, district: str, account_share: float = WITH_ACCOUNT) -> Person:
    """Return a person; the same for the same plan and name."""
    chance = plan.chance("person", name)
    its = Person(number("person", chance), born, district, chance, Actor(f"centre:{district}", name, chance))
    its.account = number("account", chance) if chance.random() < account_share else None
    return its


def centre(plan: Plan) -> Iterator[Event]:
    """Trust a provider for each district, and connect the applications."""
    chance = plan.chance("centre")
    actor = Actor("centre", "trust", chance)
    start = date(FIRST_YEAR, 8, 1)
    for district in DISTRICTS:
        trusted = IdentityProviderTrusted(
            f"idp-{district}", f"{district.title()} Education Sign-On", f"bureau-{district}", "district", 3
        )
        yield actor.says(trusted, moment(start, chance, 0, 1))
    granted: list[Attribute] = ["name", "school"]
    for each in APPLICATIONS:
        connected = ApplicationConnected(each, each.replace("-", " ").title(), "commission", 1, granted)
        yield actor.says(connected, moment(start, chance, 1, 2))


def identity_life(its: Person) -> Iterator[Event]:
    """Live what the authentication centre sees of a person: registration, account, logins."""
    say, chance = its.actor.says, its.chance
    name = chance.choice(FAMILY) + "".join(chance.sample(GIVEN, chance.randint(1, 2)))
    registered = PersonRegistered(
        its.number,
        name.encode(),
        its.born.isoformat().encode(),
        its.born.year,
        f"SAMPLE{chance.getrandbits(50):015x}",
    )
    yield say(registered, moment(date(FIRST_YEAR, 8, chance.randrange(3, 10)), chance))
    if its.account is None:
        return
    provider = f"idp-{its.district}"
    linked = AccountLinked(its.number, its.account, provider)
    yield say(linked, moment(date(FIRST_YEAR, 8, chance.randrange(10, 15)), chance))
    yield from _logins(its, its.account, provider)
    if chance.random() < 0.01:  # noqa: PLR2004 - one name in a hundred is corrected
        corrected = PersonDetailsCorrected(its.number, name=name[::-1].encode())
        yield say(corrected, moment(date(FIRST_YEAR + YEARS, 8, 28), chance))


def _logins(its: Person, account: str, provider: str) -> Iterator[Event]:
    chance, say = its.chance, its.actor.says
    start = date(FIRST_YEAR, 9, 1)
    count = min(900, max(1, round(chance.lognormvariate(0, 0.6) * LOGINS_A_YEAR * YEARS)))
    for offset in sorted(chance.sample(range(YEARS * 365 - 10), count)):
        day = start + timedelta(days=offset)
        when, application = moment(day, chance, 7, 21), chance.choice(APPLICATIONS)
        if chance.random() < FAILING:
            yield say(LoginFailed(provider, application, 2, "wrong-credential", account), when)
            when += 60_000_000
        login = say(LoginSucceeded(its.number, account, provider, application, 2, ["name"]), when)
        yield login
        if chance.random() < ENDED:
            ended = SessionEnded(its.number, f"{login.source}#{login.id}", "signed-out")
            yield say(ended, when + 1_800_000_000)
