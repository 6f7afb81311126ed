"""What comes late and what is taken back, over HTTP: six cases that a publisher meets."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from adapters.wire.cloudevent import to_cloudevents
from events.event import Event
from events.identity.accounts import AccountUnlinked
from events.identity.persons import PersonRegistered
from events.roll.pupils import StudentResumed
from events.roll.schools import SchoolDetailsChanged
from streams.scenario import at
from tests.contexts.identity import FEDERATION, LOGIN
from tests.logs.histories import retraction
from tests.patience import PATIENCE
from tests.processes.server import environment, serving
from tests.streams.publish.test_fitting_in import CITY, MOVED, enrolled, leave, promoted

BATCH = {"content-type": "application/cloudevents-batch+json"}


class Publisher:
    """A source that publishes over HTTP and looks at the rows."""

    def __init__(self, address: str) -> None:
        self._address, self._number = address, 0

    def named(self, event: Event) -> Event:
        self._number += 1
        return event if event.id else replace(event, id=f"n-{self._number}", source="urn:x")

    def send(self, *events: Event, atomic: bool = False) -> list[str]:
        """Publish events in one request; return their verdicts, or the codes of refusals."""
        found = to_cloudevents([self.named(each) for each in events])
        for each in found:
            each.pop("position", None)
            each.pop("recordedtime", None)
            each["data"] = {name: _clear(name, value) for name, value in each["data"].items()}
        address = f"http://{self._address}/events{'?atomic=true' if atomic else ''}"
        answer = httpx.post(address, json=found, headers=BATCH, timeout=PATIENCE)
        assert "verdicts" in answer.json(), answer.text
        return [each.get("code") or each["verdict"] for each in answer.json()["verdicts"]]

    def row(self, address: str) -> dict[str, Any]:
        """Return a row that has all that was published."""
        head = httpx.get(f"http://{self._address}/ready", timeout=PATIENCE).json()["position"]
        sign = "&" if "?" in address else "?"
        times = "true_at" in address
        answer = httpx.get(
            f"http://{self._address}/{address}{'' if times else f'{sign}wait_for={head}'}", timeout=PATIENCE
        )
        found: dict[str, Any] = answer.json()
        return found

    def until(self, address: str, **wanted: Any) -> None:
        """Wait until a row has these values: statements come a moment later."""
        deadline = time.monotonic() + PATIENCE
        while not (found := self.row(address)).items() >= wanted.items():
            assert time.monotonic() < deadline, found
            time.sleep(0.1)


def _clear(name: str, value: Any) -> Any:
    if value is None and name in ("name", "reason"):
        return "某人"
    if name == "carries":
        return [f"district:{_code(each[9:])}" if each.startswith("district:") else each for each in value]
    return _code(value) if name.endswith("district") else value


def _code(district: str) -> str:
    """Return a district's code, as the door wants it, for the letter that tests of rules have."""
    return f"3101{ord(district) - ord('a') + 10}"


@pytest.fixture(scope="module")
def publisher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Publisher]:
    home = tmp_path_factory.mktemp("time")
    with serving(environment(home / "home"), home / "out") as address:
        found = Publisher(address)
        federation = [each for each in FEDERATION if not isinstance(each, PersonRegistered)]
        assert set(found.send(*CITY, *federation)) == {"recorded"}
        yield found


def of(event: Event, person: str, number: str = "") -> Event:
    """Return an event about another person."""
    changed: Mapping[str, Any] = {"person": person} | ({"id": number, "source": "urn:x"} if number else {})
    return replace(event, **changed)


def test_a_school_renamed_late_keeps_its_later_name(publisher: Publisher) -> None:
    renamed = SchoolDetailsChanged(school="a", name="Of 2025", occurred_at=at("2025-01-01"))
    assert publisher.send(renamed) == ["recorded"]
    assert publisher.send(replace(renamed, name="Of 2023", occurred_at=at("2023-01-01"))) == ["recorded"]
    assert publisher.row("schools/a")["name"] == "Of 2025"
    assert publisher.row("schools/a?true_at=2024-06-30")["name"] == "Of 2023"


def test_a_late_enrolment_waits_for_the_wrong_one_to_be_taken_back(publisher: Publisher) -> None:
    wrong = enrolled("2023-09-01", "wrong")
    assert publisher.send(wrong, *MOVED) == ["recorded"] * 6
    right = enrolled("2022-09-01")
    assert publisher.send(right) == ["out-of-order"]
    back = replace(retraction(wrong), id="back", source="urn:x", occurred_at=at("2024-06-01"))
    assert publisher.send(right, back, atomic=True) == ["recorded", "recorded"]
    assert publisher.row("students/p")["school"] == "b"


def test_a_back_dated_leave_fits_in_with_its_return(publisher: Publisher) -> None:
    assert (
        publisher.send(of(enrolled("2023-09-01"), "q"), of(promoted("2024-09-01"), "q")) == ["recorded"] * 2
    )
    away, back = (
        of(leave("2024-03-01"), "q"),
        StudentResumed(person="q", school="a", occurred_at=at("2024-06-01")),
    )
    assert publisher.send(away) == ["out-of-order"]
    assert publisher.send(away, back, atomic=True) == ["recorded", "recorded"]
    assert publisher.row("students/q")["grade"] == 2


def test_a_login_of_before_the_account_was_unlinked_is_recorded_late(publisher: Publisher) -> None:
    unlinked = AccountUnlinked(person="p", account="acc", reason="left", occurred_at=at("2024-04-01"))
    assert publisher.send(unlinked, LOGIN) == ["recorded", "recorded"]


def test_what_rested_on_what_was_taken_back_is_stated_until_it_regains_its_ground(
    publisher: Publisher,
) -> None:
    third = replace(promoted("2026-09-01", grade=4), person="q")
    middle = replace(promoted("2025-09-01", "middle", grade=3), person="q")
    assert publisher.send(middle, replace(third, id="third", source="urn:x")) == ["recorded", "recorded"]
    back = replace(retraction(middle), id="middle-back", source="urn:x", occurred_at=at("2026-10-01"))
    assert publisher.send(back) == ["recorded"]
    publisher.until("lost-grounds/urn:x%23third", status="lost")
    assert publisher.send(middle) == ["retracted"]
    assert publisher.send(replace(middle, id="again")) == ["recorded"]
    publisher.until("lost-grounds/urn:x%23third", status="regained")
    assert publisher.row("students/q")["grade"] == 4
