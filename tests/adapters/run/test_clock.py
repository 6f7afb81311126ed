"""A clock that has jumped destroys nothing: not the keys of what is kept, not the rows of refused messages."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from psycopg.conninfo import conninfo_to_dict
from structlog.testing import capture_logs

from adapters.clock import DAY, HOUR, ClockFault, now
from adapters.postgres.log.clock import last_sight
from adapters.postgres.refused import RefusedQuery, RefusedTable
from adapters.run.clock import TrustedClock
from adapters.run.eraser import eraser
from adapters.run.settings import Settings, read_settings
from adapters.run.site import site
from adapters.wire.refused import RefusedRow
from events.clock import day, instant
from events.identity.erasure import Kept, PersonErased


class Hands:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = now()

    def __call__(self) -> int:
        return self.at


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    found = Hands()
    monkeypatch.setattr("adapters.run.clock.now", found)
    return found


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    url = f"postgresql://?{urlencode(conninfo_to_dict(database_url))}"
    return read_settings({"PUJIANG_HOME": str(tmp_path), "DATABASE_URL": url})


def kept_until(last_day: str) -> PersonErased:
    return PersonErased(
        person="p", request="s#r", kept=[Kept("roll", "statute", last_day)], source="s", id="e"
    )


def test_a_key_that_is_kept_until_a_day_outlives_a_jump_of_the_clock(
    hands: Hands, settings: Settings
) -> None:
    pair, ends = ("p", "roll"), day(hands.at + 30 * DAY)
    with site(settings) as opened:
        opened.store.keys.get_or_make([pair])
        opened.log.append([opened.codec.propose(kept_until(ends))])
    hands.at += 60 * DAY
    with capture_logs() as said, site(settings) as opened:
        assert [each["event"] for each in said] == ["clock-doubted"]
        step = eraser(opened, lambda _: None).last
        for _ in range(23):
            hands.at += HOUR
            step()
        assert not opened.store.keys.destroyed([pair])
    with site(settings) as opened:  # another process waits on
        hands.at += HOUR
        eraser(opened, lambda _: None).last()
        assert opened.store.keys.destroyed([pair])


def test_a_clock_twenty_years_ahead_is_refused_and_vouched_for_destroys_nothing(
    hands: Hands, settings: Settings
) -> None:
    pair = ("p", "roll")
    with site(settings) as opened:
        opened.store.keys.get_or_make([pair])
        opened.log.append([opened.codec.propose(kept_until(day(hands.at + 30 * DAY)))])
    hands.at += 20 * 365 * DAY
    with pytest.raises(ClockFault, match="over 400 days"), site(settings):
        pass
    assert settings.database_url is not None
    TrustedClock(settings.database_url, vouched=True)
    with site(settings) as opened:
        assert not opened.store.keys.destroyed([pair])
        assert opened.clock.sight.doubted_since == hands.at


def test_a_clock_behind_the_log_is_refused(hands: Hands, settings: Settings) -> None:
    with site(settings) as opened:
        opened.log.append([opened.codec.propose(kept_until("2030-01-01"))])
    hands.at -= HOUR
    with pytest.raises(ClockFault, match="set the clock"), site(settings):
        pass


def test_refused_messages_are_forgotten_by_the_time_that_is_trusted(hands: Hands, settings: Settings) -> None:
    with site(settings) as opened, RefusedTable(opened.url) as table:
        opened.log.append([opened.codec.propose(kept_until("2030-01-01"))])
        row = RefusedRow(
            topic="t",
            partition=0,
            offset=1,
            code="c",
            sentence="s",
            rule="r",
            refused_at=instant(hands.at),
            sealed=None,
        )
        for days, left in ((0, 1), (40, 1), (41, 0)):
            hands.at += days * DAY
            for _ in range(24 if days == 41 else 0):
                opened.clock.now()
                hands.at += HOUR
            table.take("r", [(days, row if not days else None)], instant(opened.clock.now()) - timedelta(30))
            assert len(table.rows("t", RefusedQuery())) == left


def test_what_was_seen_is_kept(hands: Hands, settings: Settings) -> None:
    with site(settings) as opened:
        assert last_sight(opened.url) == opened.clock.sight
        hands.at += HOUR
        assert opened.clock.now() == hands.at
        sight = last_sight(opened.url)
        assert sight is not None
        assert sight.seen_at == hands.at
