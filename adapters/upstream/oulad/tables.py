"""The four tables of OULAD, read and joined. What does not fit is a fault; nothing is guessed."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from uuid import NAMESPACE_URL, uuid5

import msgspec
from msgspec import Meta, Struct

from adapters.wire.text_lines import TextFault, TextLines
from events.patterns import whole

SOURCE = "urn:oulad"

STARTS = {"B": (2, 1), "J": (10, 1)}
"""Month and day on which a presentation starts, by the letter after its year: B February, J October."""

Days = Annotated[int, Meta(ge=-4000, le=4000)]
"""Days from the start of a presentation; more than ten years are a mistake."""
Number = Annotated[int, Meta(ge=0, lt=10**9)]
Presentation = Annotated[str, whole("[0-9]{4}[A-Z]")]

FinalResult = Literal["Distinction", "Pass", "Fail", "Withdrawn"]


class OuladFault(Exception):
    """The folder does not contain the data set as it was published."""


class Course(Struct, frozen=True):
    """A row of courses.csv: one presentation of a module."""

    code_module: str
    code_presentation: Presentation
    module_presentation_length: Days

    @property
    def offering(self) -> str:
        """The number of the offering."""
        return f"oulad-{self.code_module}-{self.code_presentation}"

    def day(self, offset: int) -> str:
        """Return the day this many days after the start."""
        year, letter = self.code_presentation[:-1], self.code_presentation[-1]
        return (date(int(year), *STARTS[letter]) + timedelta(days=offset)).isoformat()


class Assessment(Struct, frozen=True):
    """A row of assessments.csv. It has no marks of learners, so it only serves as a check."""

    code_module: str
    code_presentation: str
    id_assessment: Number
    assessment_type: Literal["TMA", "CMA", "Exam"]
    date: Days | None
    weight: float


class Info(Struct, frozen=True):
    """The columns of studentInfo.csv that are used; those about the person's life are not."""

    code_module: str
    code_presentation: str
    id_student: str
    studied_credits: Number
    final_result: FinalResult


class Registration(Struct, frozen=True):
    """A row of studentRegistration.csv."""

    code_module: str
    code_presentation: str
    id_student: str
    date_registration: Days | None
    date_unregistration: Days | None


class Study(Struct, frozen=True):
    """One learner in one presentation, from two rows: registration, unregistration, result."""

    student: str
    course: Course
    credits: int
    registered: int | None
    unregistered: int | None
    told: FinalResult

    @property
    def person(self) -> str:
        """The learner's number here: opaque, and always the same."""
        return uuid5(NAMESPACE_URL, f"{SOURCE}:learner:{self.student}").hex

    @property
    def enrolled(self) -> int:
        """The day of enrolment; if it is missing, the start, or an earlier day of unregistration."""
        return min(0, self.unregistered or 0) if self.registered is None else self.registered


_Key = tuple[str, str, str]
S = TypeVar("S", bound=Struct)
R = TypeVar("R", Info, Registration)


def studies(folder: Path) -> list[Study]:
    """Return every registration of the data set. Raises OuladFault."""
    courses = {
        (each.code_module, each.code_presentation): each for each in _rows(folder / "courses.csv", Course)
    }
    for assessment in _rows(folder / "assessments.csv", Assessment):
        _known(courses, assessment.code_module, assessment.code_presentation)
    infos = _by_key(_rows(folder / "studentInfo.csv", Info))
    registrations = _by_key(_rows(folder / "studentRegistration.csv", Registration))
    if not infos:
        raise OuladFault(f"{folder} has no registrations")
    if infos.keys() != registrations.keys():
        strays = sorted(infos.keys() ^ registrations.keys())
        raise OuladFault(f"{len(strays)} learners are in one table only, such as {'/'.join(strays[0])}")
    if empty := courses.keys() - {key[:2] for key in infos}:
        raise OuladFault(f"the presentation {'/'.join(min(empty))} has no learners")
    credits_ = _credits(infos)
    return [
        _study(_known(courses, key[0], key[1]), credits_[key[0]], registrations[key], info)
        for key, info in infos.items()
    ]


def _known(courses: Mapping[tuple[str, str], Course], module: str, presentation: str) -> Course:
    found = courses.get((module, presentation))
    if (
        found is None
        or presentation[-1:] not in STARTS
        or not (presentation.isascii() and presentation[:-1].isdigit())
    ):
        raise OuladFault(f"courses.csv has no presentation {module}/{presentation} that starts in B or J")
    return found


def _credits(infos: Mapping[_Key, Info]) -> dict[str, int]:
    """Return the credits of each module: the least that any of its learners studied at the time.

    `studied_credits` counts all modules that a learner takes at once, so its minimum is that of the module.
    """
    least: dict[str, int] = {}
    for each in infos.values():
        least[each.code_module] = min(each.studied_credits, least.get(each.code_module, each.studied_credits))
    return least


def _study(course: Course, credits_: int, registration: Registration, info: Info) -> Study:
    came, went = registration.date_registration, registration.date_unregistration
    name = f"{info.id_student} in {course.code_module}/{course.code_presentation}"
    if went is not None and info.final_result in ("Pass", "Distinction"):
        raise OuladFault(f"{name} has both passed and unregistered")
    if came is not None and went is not None and went < came:
        raise OuladFault(f"{name} has unregistered before registering")
    return Study(info.id_student, course, credits_, came, went, info.final_result)


def _by_key(rows: Iterator[R]) -> dict[_Key, R]:
    found: dict[_Key, R] = {}
    for each in rows:
        key = (each.code_module, each.code_presentation, each.id_student)
        if key in found:
            raise OuladFault(f"{'/'.join(key)} occurs twice")
        found[key] = each
    return found


def _rows(path: Path, kind: type[S]) -> Iterator[S]:
    """Read those columns of a table that `kind` has; an empty cell is None."""
    line = 0
    try:
        with path.open("rb") as opened:
            reader = csv.DictReader(line.decode() for line in TextLines(opened))
            for row in reader:
                line = reader.line_num
                told = {name: row[name] or None for name in kind.__struct_fields__}
                yield msgspec.convert(told, kind, strict=False)
    except OSError as error:
        raise OuladFault(f"{path} cannot be read: {error.strerror}") from error
    except TextFault as error:
        raise OuladFault(f"{path}: {error}") from error
    except KeyError as error:
        raise OuladFault(f"{path} has no column {error}") from error
    except (msgspec.ValidationError, csv.Error) as error:
        raise OuladFault(f"{path}, line {line}: {error}") from error
