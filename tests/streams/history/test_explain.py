from streams.history.explain import explain
from streams.read_ports import Parts
from streams.scenario import at
from tests.logs.histories import append, model
from tests.streams.history.test_refold import STUDENTS, enrolled, promoted


def test_each_field_names_the_event_that_set_it_last(parts: Parts) -> None:
    append(
        parts.log,
        parts.codec,
        [enrolled(1, "2024-09-01"), promoted(2, "2025-09-01"), promoted(3, "2025-09-02")],
    )
    fields = explain(parts.log, parts.codec, STUDENTS, ("p-1",))
    assert fields is not None
    origins = {name: each.origin and each.origin.position for name, each in fields.items()}
    assert origins == {
        "person": 1,
        "school": 1,
        "district": 1,
        "stage": 1,
        "grade": 2,
        "class_name": None,
        "status": 1,
        "since": 1,
        "leave_until": None,
        "others": None,
    }
    origin = fields["grade"].origin
    assert origin is not None
    assert (origin.type, origin.source, origin.id) == ("roll.StudentPromoted", "/test/2", "2")
    assert (fields["grade"].value, origin.occurred_at) == (2, at("2025-09-01"))
    assert explain(parts.log, parts.codec, STUDENTS, ("p-2",)) is None


def test_one_part_of_a_tag_is_explained_alone(parts: Parts) -> None:
    append(parts.log, parts.codec, [enrolled(1, "2024-09-01"), promoted(2, "2025-09-01")])
    fields = explain(parts.log, parts.codec, model("roll-history"), ("p-1", "2025-09-01"))
    assert fields is not None
    assert [each["what"] if isinstance(each, dict) else each.what for each in fields["steps"].value] == [
        "promoted"
    ]
