"""What is said about a person is sealed: no free text of an event that carries a person stays in clear for ever."""

from __future__ import annotations

from typing import get_args

import pytest

from events.catalogue import names, publishable
from events.contract import Field, fields, personal_fields
from events.event import Name, Statement, Told
from events.patterns import LINES, TOLD_LINE, TOLD_LINES, anchored
from tests.adapters.sent import text_fields

FREE = {anchored(each) for each in (TOLD_LINE, LINES, TOLD_LINES)}

IN_CLEAR = {
    "identity.PersonErased kept.0.ground": "a provision of law, not of anybody's life",
    "roll.StudentEnrolled class_name": "the name of a class, which all of its pupils share",
    "roll.StudentPromoted class_name": "the name of a class, which all of its pupils share",
    "roll.StudentRetained class_name": "the name of a class, which all of its pupils share",
    "roll.StudentAccelerated class_name": "the name of a class, which all of its pupils share",
    "roll.TeacherAppointed subject": "a school subject",
    "roll.QualificationAwarded subject": "a school subject",
    "learning.CertificateIssued title": "what a member certifies, alike on all such certificates, which anybody may verify",
    "projects.ObjectionRaised unit_grounds": "a unit's: `projects.raised_during_notice` admits it only where there is no person",
}
"""Free text that stays in clear in an event that carries a person, each with the reason."""


def carries_a_person(field: Field) -> bool:
    return field.tag is not None and field.tag.kind == "person"


def free(field: Field) -> bool:
    """Return whether a text is neither one of a list, nor an identifier or an identity, nor a tag."""
    return not (field.tag or field.cites or field.tags) and any(each.pattern in FREE for each in field.meta)


def test_free_text_about_a_person_is_sealed() -> None:
    found = {
        f"{name} {path.strip('/').replace('/', '.')}"
        for name, cls in publishable().items()
        if any(map(carries_a_person, fields(cls)))
        for path, field in text_fields(cls)
        if free(field) and not field.personal
    }
    assert found == set(IN_CLEAR)


def test_statements_say_nothing_of_persons_in_their_own_words() -> None:
    tagged = [
        cls for cls in names() if issubclass(cls, Statement) and any(map(carries_a_person, fields(cls)))
    ]
    assert tagged == []


@pytest.mark.parametrize(
    "cls", [each for each in names() if personal_fields(each)], ids=lambda each: each.__name__
)
def test_a_sealed_field_says_what_it_is(cls: type) -> None:
    persons = {each.name for each in fields(cls) if carries_a_person(each)}
    for field in personal_fields(cls):
        assert field.base is bytes
        assert field.sent.base is str
        assert field.sent.calendar or any(each.pattern for each in field.sent.meta)
        assert field.personal
        assert field.personal.of in persons


def test_names_and_words_are_vocabulary() -> None:
    assert {get_args(each)[1].pattern for each in (Name, Told)} == {anchored(TOLD_LINE), anchored(TOLD_LINES)}
