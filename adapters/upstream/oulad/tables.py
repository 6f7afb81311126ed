"""The four tables of OULAD, read and joined; what does not fit them is told, never guessed."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Literal, TypeVar
from uuid import NAMESPACE_URL, uuid5

import msgspec
from msgspec import Struct

SOURCE = "urn:oulad"

STARTS = {"B": (2, 1), "J": (10, 1)}
"""Month and day on which a presentation starts, by the letter after its year: B February, J October."""

Told = Literal["Distinction", "Pass", "Fail", "Withdrawn"]


class Unreadable(Exception):
    """The folder does not hold the data set as it is known; nothing of it is guessed."""


class Course(Struct, frozen=True):
    """A row of courses.csv: one presentation of a module."""

    code_module: str
    code_presentation: str
    module_presentation_length: int

    @property
    def offering(self) -> str:
        """The offering's number."""
        return f"oulad-{self.code_module}-{self.code_presentation}"

    def day(self, offset: int) -> str:
        """Return the day that lies so many days after the start."""
        year, letter = self.code_presentation[:-1], self.code_presentation[-1]
        return (date(int(year), *STARTS[letter]) + timedelta(days=offset)).isoformat()


class Assessment(Struct, frozen=True):
    """A row of assessments.csv; it has no marks of learners, so nothing follows from it but this check."""

    code_module: str
    code_presentation: str
    id_assessment: int
    assessment_type: Literal["TMA", "CMA", "Exam"]
    date: int | None
    weight: float


class Info(Struct, frozen=True):
    """What is taken of a row of studentInfo.csv; the columns about the person's life are not."""

    code_module: str
    code_presentation: str
    id_student: str
    studied_credits: int
    final_result: Told


class Registration(Struct, frozen=True):
    """A row of studentRegistration.csv."""

    code_module: str
    code_presentation: str
    id_student: str
    date_registration: int | None
    date_unregistration: int | None


class Study(Struct, frozen=True):
    """One learner in one presentation, its two rows joined: when they came, when they went, what came of it."""

    student: str
    course: Course
    credits: int
    registered: int | None
    unregistered: int | None
    told: Told

    @property
    def person(self) -> str:
        """The learner's number here: opaque, and always the same."""
        return uuid5(NAMESPACE_URL, f"{SOURCE}:learner:{self.student}").hex

    @property
    def enrolled(self) -> int:
        """The day of enrolment; without one, the start, or the day of unregistration before it."""
        return min(0, self.unregistered or 0) if self.registered is None else self.registered


Key = tuple[str, str, str]
S = TypeVar("S", bound=Struct)
R = TypeVar("R", Info, Registration)


def studies(folder: Path) -> list[Study]:
    """Return every registration of the data set. Raises Unreadable."""
    courses = {
        (each.code_module, each.code_presentation): each for each in _rows(folder / "courses.csv", Course)
    }
    for assessment in _rows(folder / "assessments.csv", Assessment):
        _known(courses, assessment.code_module, assessment.code_presentation)
    infos = _by_key(_rows(folder / "studentInfo.csv", Info))
    registrations = _by_key(_rows(folder / "studentRegistration.csv", Registration))
    if not infos:
        raise Unreadable(f"{folder} has no registrations")
    if infos.keys() != registrations.keys():
        strays = sorted(infos.keys() ^ registrations.keys())
        raise Unreadable(f"{len(strays)} learners are in one table only, {'/'.join(strays[0])} for one")
    if empty := courses.keys() - {key[:2] for key in infos}:
        raise Unreadable(f"nobody is in the presentation {'/'.join(min(empty))}")
    credits_ = _credits(infos)
    return [
        _study(_known(courses, key[0], key[1]), credits_[key[0]], registrations[key], info)
        for key, info in infos.items()
    ]


def _known(courses: Mapping[tuple[str, str], Course], module: str, presentation: str) -> Course:
    found = courses.get((module, presentation))
    if found is None or presentation[-1:] not in STARTS or not presentation[:-1].isdigit():
        raise Unreadable(f"courses.csv has no presentation {module}/{presentation} that starts in B or J")
    return found


def _credits(infos: Mapping[Key, Info]) -> dict[str, int]:
    """Return the credits of each module: the least that any of its learners studied at the time.

    `studied_credits` is of all modules that a learner takes at once, so the least of it is the module's own.
    """
    least: dict[str, int] = {}
    for each in infos.values():
        least[each.code_module] = min(each.studied_credits, least.get(each.code_module, each.studied_credits))
    return least


def _study(course: Course, credits_: int, registration: Registration, info: Info) -> Study:
    came, went = registration.date_registration, registration.date_unregistration
    name = f"{info.id_student} in {course.code_module}/{course.code_presentation}"
    if went is not None and info.final_result in ("Pass", "Distinction"):
        raise Unreadable(f"{name} has passed and unregistered")
    if came is not None and went is not None and went < came:
        raise Unreadable(f"{name} has unregistered before registering")
    return Study(info.id_student, course, credits_, came, went, info.final_result)


def _by_key(rows: Iterator[R]) -> dict[Key, R]:
    found: dict[Key, R] = {}
    for each in rows:
        key = (each.code_module, each.code_presentation, each.id_student)
        if key in found:
            raise Unreadable(f"{'/'.join(key)} is there twice")
        found[key] = each
    return found


def _rows(path: Path, kind: type[S]) -> Iterator[S]:
    """Read the columns of a table that `kind` has; an empty cell is None."""
    line = 0
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines)
            for row in reader:
                line = reader.line_num
                told = {name: row[name] or None for name in kind.__struct_fields__}
                yield msgspec.convert(told, kind, strict=False)
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from error
    except KeyError as error:
        raise Unreadable(f"{path} has no column {error}") from error
    except (msgspec.ValidationError, UnicodeDecodeError, csv.Error) as error:
        raise Unreadable(f"{path}, line {line}: {error}") from error
