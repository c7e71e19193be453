"""Picked questions as SQL over the views of the Explore page: what is run is what is shown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from data.analytics.period import Period
from data.analytics.picking import TOPICS, Dimension, Picked, Subject

MOST_ROWS = 5_000
MOST_VALUES = 200
_JOINS = {"teams": "LEFT JOIN teams USING (team_id)", "people": "LEFT JOIN people USING (person)"}


def sql_of(picked: Picked, today: date, zone: str) -> str:
    """The statement of a question. `today` is the day in the time zone of that name.

    Raises:
        KeyError: it has a measure or a dimension that its subject has not.
    """
    topic = TOPICS[picked.subject]
    dimensions = [(name, topic.dimensions[name]) for name in picked.dimensions]
    filters = [(topic.dimensions[name], values) for name, values in picked.filters]
    columns = [f"{_sql(each, zone)} AS {_name(name)}" for name, each in dimensions]
    columns += [f"{topic.measures[name].sql} AS {_name(name)}" for name in picked.measures]
    where = [*_days(picked.period, today), *(_among(each, values, zone) for each, values in filters)]
    lines = ["SELECT", ",\n".join(f"    {column}" for column in columns), f"FROM {topic.view}"]
    lines += _joins([each for _, each in dimensions] + [each for each, _ in filters])
    lines += ["WHERE " + "\n  AND ".join(where)] if where else []
    if dimensions:
        numbers = ", ".join(str(at) for at in range(1, len(dimensions) + 1))
        lines += [f"GROUP BY {numbers}", f"ORDER BY {_order(picked, dimensions)}", f"LIMIT {MOST_ROWS}"]
    return "\n".join(lines)


def values_sql(subject: Subject, dimension: str, period: Period | None, today: date, zone: str) -> str:
    """The statement that finds the values of a dimension, the most frequent first. Raises KeyError as `sql_of`."""
    topic = TOPICS[subject]
    each = topic.dimensions[dimension]
    where = _days(period, today)
    lines = [f"SELECT CAST({_sql(each, zone)} AS VARCHAR) AS value", f"FROM {topic.view}", *_joins([each])]
    lines += [f"WHERE {where[0]}"] if where else []
    return "\n".join([*lines, "GROUP BY 1", "ORDER BY count(*) DESC, 1", f"LIMIT {MOST_VALUES}"])


def _order(picked: Picked, dimensions: list[tuple[str, Dimension]]) -> str:
    """Times as they come; else what is most first."""
    first = len(dimensions) + 1
    times = [str(at) for at, (_, each) in enumerate(dimensions, 1) if each.is_time]
    others = [str(at) for at, (_, each) in enumerate(dimensions, 1) if not each.is_time]
    return ", ".join([*times, f"{first} DESC NULLS LAST", *others])


def _days(period: Period | None, today: date) -> list[str]:
    if period is None:
        return []
    return [f"day BETWEEN DATE '{today - timedelta(days=period.days - 1)}' AND DATE '{today}'"]


def _among(dimension: Dimension, values: Iterable[str], zone: str) -> str:
    return f"CAST({_sql(dimension, zone)} AS VARCHAR) IN ({', '.join(_literal(value) for value in values)})"


def _joins(dimensions: Iterable[Dimension]) -> list[str]:
    needed = {each.needs for each in dimensions if each.needs}
    return [join for view, join in _JOINS.items() if view in needed]


def _sql(dimension: Dimension, zone: str) -> str:
    return dimension.sql.replace("$zone", _literal(zone))


def _name(name: str) -> str:
    return f'"{name}"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
