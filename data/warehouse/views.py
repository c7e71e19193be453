"""What analysts may ask: each table of events with readable columns, and a pseudonym in the place of each person.

The columns are documented here once: the exported files, the views over them and the schema browser all follow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from data.values.sample import SAMPLE_PREFIX
from data.warehouse.activity import FlagExposure, SignIn, ToolCall
from data.warehouse.routing import RoutingDecision, RoutingFeedback
from data.warehouse.schema import Column, ModelCall, columns

FACTS: dict[str, type[BaseModel]] = {
    "model_calls": ModelCall,
    "tool_calls": ToolCall,
    "routing_decisions": RoutingDecision,
    "routing_feedback": RoutingFeedback,
    "sign_ins": SignIn,
    "flag_exposures": FlagExposure,
}
"""The tables of events, and what describes their rows."""

_PERSON = Column("person", "VARCHAR", False, "Pseudonym of the person; it begins with `sample-` for made-up people.")
_DAY = Column("day", "DATE", False, "The day of `ts` in the workspace's time zone.")
_MONEY = "DECIMAL(38,15)"


@dataclass(frozen=True, slots=True)
class View:
    """Something that can be asked for by its name."""

    name: str
    about: str
    columns: tuple[Column, ...]


_ABOUT = {
    "model_calls": "One row for each finished call of a model.",
    "tool_calls": "One row for each call of a tool that has ended.",
    "routing_decisions": "One row for each choice of a model.",
    "routing_feedback": "One row for each thing that a person showed of an answer.",
    "sign_ins": "One row for each sign-in of a person in a browser.",
    "flag_exposures": "What feature flags came to: one row a day for each unit and variant.",
}
_DERIVED: dict[str, tuple[tuple[Column, str], ...]] = {
    "model_calls": (
        (Column("model_id", "VARCHAR", False, "`provider/model`."), "provider || '/' || model"),
        (
            Column("tokens", "BIGINT", False, "`input_tokens` and `output_tokens` together; 0 when unknown."),
            "coalesce(input_tokens, 0) + coalesce(output_tokens, 0)",
        ),
        (
            Column("cost_usd", _MONEY, True, "`cost_amount` where it is in US dollars."),
            "CASE WHEN cost_currency = 'USD' THEN cost_amount END",
        ),
        (
            Column("images", _MONEY, True, "Pictures made: `quantity` of `image`s."),
            "CASE unit WHEN 'image' THEN quantity END",
        ),
        (
            Column("audio_seconds", _MONEY, True, "Seconds of sound or film: `quantity` of `second`s."),
            "CASE unit WHEN 'second' THEN quantity END",
        ),
    ),
}  # fmt: skip
_SAMPLE = (
    Column("is_sample", "BOOLEAN", False, "Whether the person is made up."),
    f"starts_with(user_id, '{SAMPLE_PREFIX}')",
)
TEAMS = View(
    "teams",
    "The names of the teams.",
    (
        Column("team_id", "VARCHAR", False, "As in the other tables."),
        Column("name", "VARCHAR", False, "What it is called today."),
    ),
)
PEOPLE = View(
    "people",
    "Who the pseudonyms are. Only those see it who may see who people are.",
    (
        Column("person", "VARCHAR", False, "As in the other tables."),
        Column("name", "VARCHAR", False, "What they are called."),
        Column("team", "VARCHAR", True, "The team that they joined first; null: none."),
    ),
)


def kept_columns(table: str) -> tuple[Column, ...]:
    """The columns of an exported file: those of the warehouse's table, with a pseudonym for the person, the day, and
    some that are made from others: grouping by what was made once takes a quarter of the time."""
    ours = (_PERSON if column.name == "user_id" else column for column in columns(FACTS[table]))
    return (_DAY, *ours, *(column for column, _ in _made(table)))


def kept_from(table: str) -> dict[str, str]:
    """What columns of an exported file are made from, by their names: SQL over the warehouse's table."""
    return {column.name: sql for column, sql in _made(table)}


def facts() -> tuple[View, ...]:
    """The views of events."""
    return tuple(View(table, _ABOUT[table], kept_columns(table)) for table in FACTS)


def create_view(table: str, paths: Sequence[str]) -> str:
    """The statement that makes the view of a table, over exported files and the rows in `kept.<table>`."""
    names = ", ".join(column.name for column in kept_columns(table))
    rows = f"SELECT {names} FROM kept.{table}"  # noqa: S608  # names of ours, here and below
    if paths:
        files = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
        rows = f"SELECT {names} FROM read_parquet([{files}]) UNION ALL {rows}"  # noqa: S608
    return f"CREATE VIEW {table} AS {rows}"


def _made(table: str) -> tuple[tuple[Column, str], ...]:
    return (*_DERIVED.get(table, ()), _SAMPLE)
