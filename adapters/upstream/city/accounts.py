"""The sample city's authentication centre: numbers, accounts, logins, and what follows from a login."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import date, timedelta

from adapters.upstream.city.clockwork import FIRST_YEAR, MINUTE, YEARS, Actor, CityPlan, moment, taken_back
from adapters.upstream.city.integrity import case, pledge
from adapters.upstream.city.people import Person
from adapters.upstream.city.schools import DISTRICT_NAMES
from events.event import Event
from events.identity.accounts import AccountLinked, LoginFailed, LoginSucceeded, SessionEnded
from events.identity.persons import PersonDetailsCorrected, PersonRegistered
from events.identity.published import IdentityRulesPublished, RoleGround
from events.identity.trust import ApplicationConnected, IdentityProviderTrusted
from events.identity.vocabulary import Attribute

FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰梅鑫宇轩梓涵欣怡浩然子墨"
APPLICATIONS = ("homework", "library", "credit-bank", "evaluation", "payments")
ROLES: tuple[RoleGround, ...] = (
    RoleGround("teacher", ["teacher", "class-teacher"], ["school"]),
    RoleGround("class-teacher", ["class-teacher"], ["school"]),
    RoleGround("principal", ["principal"], ["school"]),
    RoleGround("administrator", ["principal", "deputy-principal", "support"], ["school"]),
)
LOGINS_A_YEAR, FAILING, ENDED, PLEDGED, MISTAKEN = 1.6, 0.06, 0.15, 0.3, 0.02


def centre(plan: CityPlan) -> Iterator[Event]:
    """Trust a provider for each district, and connect the applications."""
    chance = plan.chance("centre")
    actor = Actor("centre", "trust", chance)
    start = date(FIRST_YEAR, 8, 1)
    for district, name in DISTRICT_NAMES.items():
        trusted = IdentityProviderTrusted(
            f"idp-{district}", f"{name} Education Sign-On", f"bureau-{district}", "district", 3
        )
        yield actor.says(trusted, moment(start, chance, 0, 1))
    granted: list[Attribute] = ["name", "school"]
    for each in APPLICATIONS:
        connected = ApplicationConnected(each, each.replace("-", " ").title(), "commission", 1, granted)
        yield actor.says(connected, moment(start, chance, 1, 2))
    yield actor.says(IdentityRulesPublished(f"{FIRST_YEAR}-08-02", list(ROLES)), moment(start, chance, 2, 3))


def identity_life(its: Person, decider: Person) -> Iterator[Event]:
    """Live a person's life at the authentication centre: registration, account, logins."""
    say, chance = its.actor.says, its.chance
    name = chance.choice(FAMILY) + "".join(chance.sample(GIVEN, chance.randint(1, 2)))
    registered = PersonRegistered(
        its.number,
        name.encode(),
        its.born.isoformat().encode(),
        its.born.year,
        f"SAMPLE{chance.getrandbits(50):015x}" if its.account else None,
        "passport",
    )
    yield say(registered, moment(date(FIRST_YEAR, 8, chance.randrange(3, 10)), chance))
    if its.account is None:
        return
    provider = f"idp-{its.district}"
    linked = AccountLinked(its.number, its.account, provider)
    yield say(linked, moment(date(FIRST_YEAR, 8, chance.randrange(10, 15)), chance))
    if chance.random() < PLEDGED:
        yield pledge(its)
    last = yield from _logins(its, its.account, provider)
    yield from case(its, last, decider.number)
    if chance.random() < 0.01:  # noqa: PLR2004 - one name in a hundred is corrected
        corrected = PersonDetailsCorrected(its.number, name=name[::-1].encode())
        yield say(corrected, moment(date(FIRST_YEAR + YEARS, 9, 28), chance))


def _logins(its: Person, account: str, provider: str) -> Generator[Event, None, LoginSucceeded]:
    chance = its.chance
    start = date(FIRST_YEAR, 9, 1)
    count = min(900, max(1, round(chance.lognormvariate(0, 0.6) * LOGINS_A_YEAR * YEARS)))
    *earlier, last = sorted(chance.sample(range(YEARS * 365 - 10), count))
    for offset in earlier:
        yield from _sign_on(its, account, provider, start + timedelta(days=offset))
    return (yield from _sign_on(its, account, provider, start + timedelta(days=last)))


def _sign_on(its: Person, account: str, provider: str, day: date) -> Generator[Event, None, LoginSucceeded]:
    chance, say = its.chance, its.actor.says
    when, application = moment(day, chance, 7, 21), chance.choice(APPLICATIONS)
    if chance.random() < FAILING:
        failed = say(LoginFailed(provider, application, 2, "wrong-credential", account), when)
        yield failed
        if chance.random() < MISTAKEN:
            yield say(taken_back(failed), when + MINUTE // 2)
        when += MINUTE
    login = say(LoginSucceeded(its.number, account, provider, application, 2, ["name"]), when)
    yield login
    if chance.random() < ENDED:
        ended = SessionEnded(its.number, f"{login.source}#{login.id}", "signed-out")
        yield say(ended, when + 1_800_000_000)
    return login
