"""OULAD as events: what its holes become, and what does not fit it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from adapters.upstream.oulad import OuladFault, events, lines
from events.learning.courses import CourseCompleted, CourseEnrolled, CourseOffered, CourseWithdrawn
from events.learning.credit import CreditsAwarded
from tests.contexts.learning import judged

COURSES = "code_module,code_presentation,module_presentation_length\nAAA,2013J,268\n"
ASSESSMENTS = (
    "code_module,code_presentation,id_assessment,assessment_type,date,weight\nAAA,2013J,1,Exam,,100\n"
)
INFO = "code_module,code_presentation,id_student,region,disability,studied_credits,final_result\n"
REGISTRATION = "code_module,code_presentation,id_student,date_registration,date_unregistration\n"


def write(folder: Path, *learners: tuple[str, str, str], **tables: str) -> Path:
    """Write a small data set: for each learner result, registration and unregistration; or whole tables."""
    info, registration = INFO, REGISTRATION
    for number, (result, came, went) in enumerate(learners, 1):
        info += f"AAA,2013J,{number},Wales,Y,{60 * number},{result}\n"
        registration += f"AAA,2013J,{number},{came},{went}\n"
    usual = {
        "courses": COURSES,
        "assessments": ASSESSMENTS,
        "studentInfo": info,
        "studentRegistration": registration,
    }
    for name, text in (usual | tables).items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def told(folder: Path) -> list[tuple[str, str, Any]]:
    """Return what is said of enrolments: what, on which day, and what is special."""
    found: list[tuple[str, str, Any]] = []
    for event in events(folder):
        match event:
            case CourseEnrolled():
                found.append(("enrolled", event.day, event.day_estimated))
            case CourseWithdrawn():
                found.append(("withdrawn", event.day, (event.counted_as, event.day_estimated)))
            case CourseCompleted():
                found.append(("completed", event.day, event.result))
            case CreditsAwarded():
                found.append(("awarded", event.day, event.credits))
            case _:
                pass
    return found


@pytest.mark.parametrize(
    "learner, expected",
    [
        (
            ("Distinction", "-10", ""),
            [
                ("enrolled", "2013-09-21", False),
                ("completed", "2014-06-26", "distinction"),
                ("awarded", "2014-06-26", 6000),
            ],
        ),
        (("Fail", "5", ""), [("enrolled", "2013-10-06", False), ("completed", "2014-06-26", "fail")]),
        (
            ("Withdrawn", "-10", "31"),
            [("enrolled", "2013-09-21", False), ("withdrawn", "2013-11-01", (None, False))],
        ),
        (
            ("Withdrawn", "-10", ""),
            [("enrolled", "2013-09-21", False), ("withdrawn", "2014-06-26", (None, True))],
        ),
        (
            ("Withdrawn", "", "-3"),
            [("enrolled", "2013-09-28", True), ("withdrawn", "2013-09-28", (None, False))],
        ),
        (
            ("Withdrawn", "", "7"),
            [("enrolled", "2013-10-01", True), ("withdrawn", "2013-10-08", (None, False))],
        ),
        (("Fail", "", ""), [("enrolled", "2013-10-01", True), ("completed", "2014-06-26", "fail")]),
        (
            ("Fail", "-10", "-3"),
            [("enrolled", "2013-09-21", False), ("withdrawn", "2013-09-28", ("fail", False))],
        ),
        (
            ("Withdrawn", "-10", "300"),
            [("enrolled", "2013-09-21", False), ("withdrawn", "2014-07-28", (None, False))],
        ),
    ],
)
def test_what_a_hole_becomes(
    tmp_path: Path, learner: tuple[str, str, str], expected: list[tuple[str, str, Any]]
) -> None:
    folder = write(tmp_path, learner)
    assert told(folder) == expected
    judged(events(folder))


def test_a_module_has_the_credits_that_its_least_busy_learner_studied(tmp_path: Path) -> None:
    folder = write(tmp_path, ("Pass", "0", ""), ("Pass", "0", ""))
    assert [each.credits for each in events(folder) if isinstance(each, CreditsAwarded)] == [6000, 6000]
    assert [each.hours for each in events(folder) if isinstance(each, CourseOffered)] == [600]


def test_what_tells_of_a_life_is_not_imported(tmp_path: Path) -> None:
    folder = write(tmp_path, ("Pass", "0", ""))
    assert b"Wales" not in b"".join(lines(folder))


def test_lines_are_cloudevents_with_personal_data_in_clear_for_the_door(tmp_path: Path) -> None:
    folder = write(tmp_path, ("Pass", "0", ""))
    found = [msgspec.json.decode(each) for each in lines(folder)]
    assert [each["id"] for each in found] == [each.id for each in events(folder)]
    person = next(each for each in found if each["type"] == "identity.PersonRegistered")
    assert person["source"] == "urn:oulad"
    assert person["data"]["name"] == "OULAD learner 1"


@pytest.mark.parametrize(
    "learner, tables, sentence",
    [
        (("Pass", "0", "9"), {}, "both passed and unregistered"),
        (("Withdrawn", "0", "-9"), {}, "unregistered before registering"),
        (("Gone", "0", ""), {}, "studentInfo.csv, line 2"),
        (("Pass", "soon", ""), {}, "studentRegistration.csv, line 2"),
        (("Pass", "9" * 5000, ""), {}, "studentRegistration.csv, line 2"),
        (("Pass", "4001", ""), {}, "studentRegistration.csv, line 2"),
        (("Pass", "0", ""), {"courses": COURSES.replace("2013", "9" * 5000)}, "courses.csv, line 2"),
        (
            ("Pass", "0", ""),
            {"courses": COURSES.replace("AAA", "A\0")},
            "courses.csv: line 2 is UTF-16 or no text",
        ),
        (("Pass", "0", ""), {"studentRegistration": REGISTRATION}, "in one table only"),
        (
            ("Pass", "0", ""),
            {"studentInfo": f"{INFO}{'AAA,2013J,1,Wales,Y,60,Pass' + chr(10)}" * 2},
            "studentInfo.csv, line 3",
        ),
        (
            ("Pass", "0", ""),
            {"studentInfo": INFO + "AAA,2013J,1,Wales,Y,60,Pass\n" * 2},
            "AAA/2013J/1 occurs twice",
        ),
        (("Pass", "0", ""), {"courses": COURSES.replace("AAA", "BBB")}, "no presentation AAA/2013J"),
        (
            ("Pass", "0", ""),
            {"courses": COURSES + "AAA,2014J,269\n"},
            "the presentation AAA/2014J has no learners",
        ),
        (("Pass", "0", ""), {"courses": "code_module\nAAA\n"}, "no column 'code_presentation'"),
        (
            ("Pass", "0", ""),
            {"studentInfo": INFO, "studentRegistration": REGISTRATION},
            "has no registrations",
        ),
    ],
)
def test_what_does_not_fit_is_told(
    tmp_path: Path, learner: tuple[str, str, str], tables: dict[str, str], sentence: str
) -> None:
    with pytest.raises(OuladFault) as raised:
        list(events(write(tmp_path, learner, **tables)))
    assert sentence in str(raised.value)


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(OuladFault, match="cannot be read"):
        list(events(tmp_path / "nowhere"))
