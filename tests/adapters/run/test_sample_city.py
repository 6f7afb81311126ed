"""The sample city fills a log once, also where a start was interrupted after people of it were erased."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

from psycopg.conninfo import conninfo_to_dict

from adapters.run.sample_city import fill
from adapters.run.settings import read_settings
from adapters.run.site import site
from events.entry import parse


def test_a_city_is_filled_once(database_url: str, tmp_path: Path) -> None:
    url = f"postgresql://?{urlencode(conninfo_to_dict(database_url))}"
    settings = read_settings({"PUJIANG_HOME": str(tmp_path), "DATABASE_URL": url})
    with site(settings) as opened:
        sent = fill(opened, lambda _: None, people=700, seed=7)
        assert opened.log.head() == sent
        assert opened.store.keys.destructions() == 0
        salts = {parse(each.entry).salt for each in opened.log.read(0, limit=100)}
        assert len(salts) == min(sent, 100)
    with site(settings) as opened:
        assert opened.store.keys.destructions() > 0
        assert fill(opened, lambda _: None, people=700, seed=7) == sent
        assert opened.log.head() == sent
