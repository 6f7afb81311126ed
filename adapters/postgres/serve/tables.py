"""The live tables, from which read models are served, and their columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from msgspec import Struct
from psycopg import errors

from adapters.postgres.read.columns import AT
from adapters.postgres.serve.pool import Pool
from projections.read_model import ReadModel

Kind = Literal["text", "integer", "number", "boolean", "sealed", "json"]

KINDS: Mapping[str, Kind] = {
    "text": "text",
    "bigint": "integer",
    "integer": "integer",
    "double precision": "number",
    "boolean": "boolean",
    "bytea": "sealed",
    "jsonb": "json",
}

_LIVE = b"SELECT name, table_name, digest FROM read.models ORDER BY name"

_COLUMNS = b"""
SELECT t.name, a.attname, format_type(a.atttypid, NULL)
FROM unnest(%s::text[]) AS t (name)
JOIN pg_attribute a ON a.attrelid = to_regclass('read.' || quote_ident(t.name))
WHERE a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""


class NoSuchModel(Exception):
    """There is no read model of this name; `models` are the names of all."""

    def __init__(self, name: str, models: Iterable[str]) -> None:
        super().__init__(f"there is no read model {name}")
        self.models = sorted(models)


class NotBuilt(Exception):
    """The read model has no live table yet: it is being built from the log."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the read model {name} is being built from the log")


class LiveTable(Struct, frozen=True):
    """The table from which a read model is served now."""

    model: ReadModel[Any]
    table: str
    digest: str
    columns: Mapping[str, Kind]

    @property
    def name(self) -> str:
        """The model's name, which is its address."""
        return self.model.name

    @property
    def key(self) -> tuple[str, ...]:
        """The fields of the key."""
        return self.model.key

    @property
    def sealed(self) -> bool:
        """Whether rows have sealed fields."""
        return "sealed" in self.columns.values()

    @property
    def filterable(self) -> tuple[str, ...]:
        """The fields by which a query may filter."""
        wanted = dict.fromkeys((*self.key, *self.model.filter))
        return tuple(each for each in wanted if each in self.columns)

    @property
    def sortable(self) -> tuple[str, ...]:
        """The fields by which a query may sort."""
        wanted = dict.fromkeys((*self.key, *self.model.sort))
        return tuple(each for each in wanted if each in self.columns)

    @property
    def summable(self) -> tuple[str, ...]:
        """The fields that a query may add up."""
        return tuple(
            name
            for name, kind in self.columns.items()
            if kind == "integer" and name not in self.key and name != "position"
        )

    @property
    def groupable(self) -> tuple[str, ...]:
        """The fields by which a query may group sums."""
        return tuple(each for each in self.filterable if self.columns[each] not in ("sealed", "json"))

    @property
    def relation(self) -> str:
        """The table's name in SQL."""
        return f"read.{quoted(self.table)}"


def quoted(name: str) -> str:
    """Return a name quoted for SQL."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


class LiveTables:
    """The live tables by model, which are read again whenever they may have changed."""

    def __init__(self, pool: Pool, models: Iterable[ReadModel[Any]]) -> None:
        self._pool = pool
        self._models = {each.name: each for each in models}
        self._live: Mapping[str, LiveTable] = {}
        self._named: list[tuple[Any, ...]] = []

    def __getitem__(self, name: str) -> LiveTable:
        """Return the live table of a model. Raises NoSuchModel, and NotBuilt if it has no table yet."""
        live = self._live.get(name)
        if live is not None:
            return live
        if name in self._models:
            raise NotBuilt(name)
        raise NoSuchModel(name, self._models)

    @property
    def models(self) -> Mapping[str, ReadModel[Any]]:
        """All declared read models by name, built or not."""
        return self._models

    @property
    def live(self) -> Mapping[str, LiveTable]:
        """The live tables by model name."""
        return self._live

    def current(self, model: str, table: str) -> bool:
        """Return whether a model is known to be served from this table; of an undeclared model every table counts as known."""
        live = self._live.get(model)
        return live.table == table if live else model not in self._models

    async def refresh(self) -> None:
        """Read from the database from which table each model is served."""
        try:
            async with self._pool.connection() as connection:
                named = await (await connection.execute(_LIVE)).fetchall()
                if named == self._named:
                    return
                wanted = [table for _, table, _ in named]
                columns = await (await connection.execute(_COLUMNS, (wanted,))).fetchall()
        except (errors.UndefinedTable, errors.InvalidSchemaName):
            named, columns = [], []  # nothing has been projected yet
        found: dict[str, dict[str, Kind]] = {}
        for table, column, kind in columns:
            if column != AT:
                found.setdefault(table, {})[column] = KINDS[kind]
        self._named = named
        self._live = {
            name: LiveTable(self._models[name], table, digest, found[table])
            for name, table, digest in named
            if name in self._models and table in found
        }
