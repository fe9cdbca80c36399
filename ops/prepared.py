"""Reads whose SQL is written once per process: what is asked at every request is kept as text.

To write a statement costs the ORM several times what it costs the database to answer it. Such a
read asks about one id, and answers with tuples.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet, UUIDField

# Stands in a statement where the id will stand that is asked about; no row has it.
PLACE = UUID("7c0a11de-5ea7-4b1d-9f00-2f6d3c5b8a41")
IDS: "UUIDField[UUID, UUID]" = UUIDField()  # of no model: turns ids into parameters
Converter = tuple[int, Sequence[Callable[..., Any]], Any]  # of a column's values


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with its parameters, and how its columns become Python values where they are none."""

    sql: str
    parameters: tuple[Any, ...]
    converters: tuple[Converter, ...]


class PreparedRead:
    """A query by one id. `ask` is called once per kind of database and must filter by that id."""

    def __init__(self, ask: Callable[[UUID], QuerySet[Any, Any]]) -> None:
        self._ask = ask
        self._statements: dict[str, Statement] = {}

    def rows(self, about: UUID) -> list[Any]:
        """Return the rows that `ask(about)` would, in one query."""
        statement = self._statements.get(connection.vendor) or self._prepare()
        place, own = (IDS.get_db_prep_value(each, connection) for each in (PLACE, about))
        with connection.cursor() as cursor:
            cursor.execute(
                statement.sql, [own if each == place else each for each in statement.parameters]
            )
            found = cursor.fetchall()
        return converted(found, statement.converters) if statement.converters else found

    def _prepare(self) -> Statement:
        compiler = self._ask(PLACE).query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        expressions = [selected[0] for selected in compiler.select]
        converters = tuple(
            (column, functions, expression)
            for column, (functions, expression) in compiler.get_converters(expressions).items()
        )
        statement = Statement(sql, tuple(parameters), converters)
        self._statements[connection.vendor] = statement
        return statement


def converted(found: Sequence[Sequence[Any]], converters: Sequence[Converter]) -> list[Any]:
    """Return the rows with Python values, as the ORM makes them of what the database gives."""
    rows = [list(row) for row in found]
    for column, functions, expression in converters:
        for row in rows:
            for function in functions:
                row[column] = function(row[column], expression, connection)
    return rows
