"""Roles (角色授权): each rests on a live roll entry or appointment and ends with it."""

from __future__ import annotations

from msgspec import Struct, field

from domain.identity.published import IdentityRules, ground_on
from domain.rule import Refused, Rule, refuse_if
from events.fold import Fold
from events.identity.persons import PersonsMerged
from events.identity.published import IDENTITY_RULES
from events.identity.roles import Role, RoleGranted, RoleRevoked, Scope
from events.roll.entry import Entry, follow
from events.roll.pupils import StudentEnrolled, StudentGraduated, StudentLeft, StudentWithdrawn
from events.roll.teachers import TeacherAppointed, TeacherLeft, TeacherTransferred
from events.roll.transfers import StudentTransferred
from events.roll.vocabulary import Post


class Place(Struct, frozen=True):
    """A school and its district, and the post that is held there, if any."""

    school: str
    district: str
    post: Post | None = None


class Standing(Struct):
    """The grounds for a person's roles: the roll entry and the live appointments."""

    person: str
    entries: list[Entry] = field(default_factory=list)
    appointments: dict[str, Place] = field(default_factory=dict)

    @property
    def entry(self) -> Place | None:
        """The place of the live roll entry, if there is one; the last begun if merged numbers have several."""
        return Place(self.entries[-1].school, self.entries[-1].district) if self.entries else None


def standing(
    state: Standing,
    event: StudentEnrolled
    | StudentTransferred
    | StudentWithdrawn
    | StudentGraduated
    | StudentLeft
    | TeacherAppointed
    | TeacherTransferred
    | TeacherLeft,
) -> None:
    """Follow the roll entry and the appointments."""
    match event:
        case TeacherAppointed():
            state.appointments[event.appointment] = Place(event.school, event.district, event.post)
        case TeacherTransferred():
            before = state.appointments.get(event.appointment)
            post = before.post if before else None
            state.appointments[event.appointment] = Place(event.to_school, event.to_district, post)
        case TeacherLeft():
            state.appointments.pop(event.appointment, None)
        case _:
            follow(state.entries, event)


STANDING = Fold("person", Standing, standing)


class Held(Struct, frozen=True):
    """A role held under a number; without an appointment, it rests on the roll entry."""

    person: str
    role: Role
    scope: Scope
    appointment: str | None


class Roles(Struct):
    """The roles that a person holds."""

    person: str
    held: list[Held] = field(default_factory=list)

    def holds(self, role: Role, scope: Scope) -> bool:
        """Return whether the person holds a role for an organisation."""
        return any((each.role, each.scope) == (role, scope) for each in self.held)


Ending = (
    RoleRevoked
    | PersonsMerged
    | StudentTransferred
    | StudentWithdrawn
    | StudentGraduated
    | StudentLeft
    | TeacherTransferred
    | TeacherLeft
)


def roles(state: Roles, event: RoleGranted | Ending) -> None:
    """Follow grants; a role ends with its ground, with a move out of its scope, and with a merge.

    Roles of a merged number must be granted to the surviving one again: a merge gives nobody more rights.
    """
    if isinstance(event, RoleGranted):
        state.held.append(Held(event.person, event.role, event.scope, event.appointment))
    else:
        state.held = [each for each in state.held if not _ends(each, event)]


def _ends(held: Held, event: Ending) -> bool:
    if isinstance(event, PersonsMerged):
        return held.person == event.merged
    return held.person == event.person and _ends_with_ground(held, event)


def _ends_with_ground(
    held: Held,
    event: RoleRevoked
    | StudentTransferred
    | StudentWithdrawn
    | StudentGraduated
    | StudentLeft
    | TeacherTransferred
    | TeacherLeft,
) -> bool:
    match event:
        case RoleRevoked():
            return (held.role, held.scope) == (event.role, event.scope)
        case StudentTransferred():
            return held.appointment is None and not held.scope.covers(event.to_school, event.to_district)
        case TeacherTransferred():
            moved = held.appointment == event.appointment
            return moved and not held.scope.covers(event.to_school, event.to_district)
        case TeacherLeft():
            return held.appointment == event.appointment
        case StudentWithdrawn() | StudentGraduated() | StudentLeft():
            return held.appointment is None


ROLES = Fold("person", Roles, roles)


def granted_once(roles: Roles, proposed: RoleGranted) -> None:
    """A role for an organisation is granted only to a person who does not hold it yet."""
    refuse_if(
        roles.holds(proposed.role, proposed.scope),
        "role-held",
        f"{proposed.person} is already {proposed.role} of {proposed.scope.organisation}",
    )


def rests_on_its_ground(standing: Standing, proposed: RoleGranted) -> None:
    """A role rests on a live appointment, a student's on the live roll entry, and is for no more than that school."""
    place, scope = ground(standing, proposed), proposed.scope
    refuse_if(
        (scope.tier, scope.kind) != ("school", "school"),
        "beyond-the-appointment",
        f"an entry or a post at {place.school} carries roles for that school alone",
    )
    refuse_if(
        scope.organisation != place.school,
        "outside-scope",
        f"the roll entry or appointment is at {place.school}, not at {scope.organisation}",
    )


def ground(standing: Standing, proposed: RoleGranted) -> Place:
    """Return the place of the roll entry or appointment on which a role rests. Raises Refused if there is none."""
    student = proposed.role == "student"
    if proposed.appointment is None:
        refuse_if(not student, "role-needs-appointment", f"the role {proposed.role} needs an appointment")
        if standing.entry is None:
            raise Refused("no-live-roll-entry", f"{proposed.person} is not on a roll")
        return standing.entry
    refuse_if(student, "role-needs-roll-entry", "a student's role rests on the roll entry")
    found = standing.appointments.get(proposed.appointment)
    if found is None:
        raise Refused(
            "no-live-appointment", f"{proposed.person} does not hold the appointment {proposed.appointment}"
        )
    return found


def carried_by_its_post(standing: Standing, rules: IdentityRules, proposed: RoleGranted) -> None:
    """A role is granted to the holder of a post that carries it by the published table, at a tier that the table lists."""
    if proposed.appointment is None:
        return
    post = ground(standing, proposed).post
    listed = ground_on(rules, proposed.role, proposed.day)
    refuse_if(
        post not in listed.posts,
        "post-does-not-carry-it",
        f"the role {proposed.role} is carried by: {', '.join(listed.posts)}; the appointment is as {post}",
    )
    refuse_if(
        proposed.scope.tier not in listed.tiers,
        "post-does-not-carry-it",
        f"the role {proposed.role} is granted for the tier {' or '.join(listed.tiers)}",
    )


def revoked_when_held(roles: Roles, proposed: RoleRevoked) -> None:
    """Only a role that the person holds can be revoked."""
    refuse_if(
        not roles.holds(proposed.role, proposed.scope),
        "role-not-held",
        f"{proposed.person} is not {proposed.role} of {proposed.scope.organisation}",
    )


RULES = (
    Rule(granted_once, ROLES),
    Rule(rests_on_its_ground, STANDING),
    Rule(carried_by_its_post, STANDING, IDENTITY_RULES),
    Rule(revoked_when_held, ROLES),
)
