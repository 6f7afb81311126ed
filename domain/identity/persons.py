"""One person, one number (一人一号): registration, identity documents, merges and their reversal."""

from __future__ import annotations

from msgspec import Struct

from domain.number import new_number
from domain.rule import Refused, Rule, TooEarly, each_of, ever, of, refuse_if
from events.event import Event
from events.fold import Fold
from events.identity.erasure import ErasureRefused, ErasureRequested, PersonErased
from events.identity.persons import (
    PersonDetailsCorrected,
    PersonRegistered,
    PersonsMerged,
    PersonsSeparated,
)


class PersonNumber(Struct):
    """Whether a number is registered, merged into another or erased, and which numbers were merged into it.

    `renamed` is when the number itself was last merged or separated, in microseconds since 1970.
    """

    person: str
    registered: bool = False
    into: str = ""
    merge: str = ""
    renamed: int = 0
    others: tuple[str, ...] = ()
    erased: bool = False

    def stands_for(self, person: str) -> bool:
        """Return whether `person` is this number or one merged into it."""
        return person == self.person or person in self.others


def person_number(
    state: PersonNumber, event: PersonRegistered | PersonsMerged | PersonsSeparated | PersonErased
) -> None:
    """Follow a number; its history includes those of the numbers merged into it, and so their merges."""
    match event:
        case PersonRegistered():
            state.registered = True
        case PersonsMerged() if event.merged == state.person:
            state.into, state.merge = event.surviving, f"{event.source}#{event.id}"
            state.renamed = event.occurred_at
        case PersonsMerged():
            state.others = (*state.others, event.merged)
        case PersonsSeparated() if event.separated == state.person:
            state.into, state.merge, state.renamed = "", "", event.occurred_at
        case PersonsSeparated():
            state.others = tuple(each for each in state.others if each != event.separated)
        case PersonErased():
            state.erased = True


NUMBER = Fold("person", PersonNumber, person_number)


WITHOUT_REGISTRATION = (PersonRegistered, ErasureRequested, ErasureRefused, PersonErased)


def takes_no_new_events(number: PersonNumber, proposed: Event) -> None:
    """A person who is unregistered, erased or merged into another number takes no new events (一人一号).

    Erasure is requested and answered without a registration too: one that was retracted has left personal data in the log.
    """
    if not number.registered and not isinstance(proposed, WITHOUT_REGISTRATION):
        raise TooEarly("unknown-person", f"no person {number.person} is registered")
    if number.into and not _separates(number.person, proposed):
        raise Refused(
            "person-merged", f"{number.person} has been merged into another number, which 'persons' shows"
        )
    refuse_if(number.erased, "person-erased", f"{number.person} has been erased")


def _separates(person: str, proposed: Event) -> bool:
    return isinstance(proposed, PersonsSeparated) and proposed.separated == person


def corrected_in_something(proposed: PersonDetailsCorrected) -> None:
    """A correction gives at least one detail."""
    given = (proposed.name, proposed.birth_date, proposed.birth_year)
    refuse_if(given == (None, None, None), "nothing-corrected", "the correction gives no detail")


def merged_into_another(proposed: PersonsMerged) -> None:
    """A number is merged into a different number."""
    refuse_if(
        proposed.merged == proposed.surviving, "merged-into-itself", "a number cannot be merged into itself"
    )


def renamed_in_order(number: PersonNumber, proposed: PersonsMerged | PersonsSeparated) -> None:
    """The merges and separations of a number occur in the order in which they are recorded: what is known, not the past."""
    refuse_if(
        proposed.occurred_at < number.renamed,
        "before-its-last-merge",
        f"{number.person} was merged or separated later than this; date it no earlier",
    )


def undoes_its_merge(number: PersonNumber, proposed: PersonsSeparated) -> None:
    """A separation names the merge that it undoes, and that merge is still in force."""
    refuse_if(
        number.into != proposed.surviving,
        "not-merged",
        f"{proposed.separated} is not merged into {proposed.surviving}",
    )
    refuse_if(
        number.merge != proposed.merge,
        "other-merge",
        f"{proposed.separated} was merged by the event {number.merge}",
    )


RULES = (
    Rule(takes_no_new_events, ever(each_of(NUMBER))),
    new_number(
        "person",
        PersonRegistered,
        "person-registered",
        name="registered_once",
        sentence="A person number is assigned only once.",
    ),
    Rule(corrected_in_something),
    Rule(merged_into_another),
    Rule(renamed_in_order, ever(of(NUMBER, "merged")), name="merged_in_order", events=(PersonsMerged,)),
    Rule(
        renamed_in_order, ever(of(NUMBER, "separated")), name="separated_in_order", events=(PersonsSeparated,)
    ),
    Rule(undoes_its_merge, ever(of(NUMBER, "separated"))),
)
