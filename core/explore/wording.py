"""DuckDB's words about a wrong statement, in plain ones with what to do."""

from __future__ import annotations

import re
from collections.abc import Callable

from data.query import QueryError

_Says = Callable[[re.Match[str]], tuple[str, str]]
_LOOK = "The tables and their columns are listed beside the editor."


def _candidates(found: re.Match[str]) -> tuple[str, str]:
    near = ", ".join(dict.fromkeys(re.findall(r'"([^"]+)"', found[2] or "")))
    return f"There is no column “{found[1]}”.", f"Did you mean {near}? {_LOOK}" if near else _LOOK


_RULES: tuple[tuple[re.Pattern[str], _Says], ...] = (
    (
        re.compile(r"syntax error at or near \"(.*?)\"", re.DOTALL),
        lambda found: (
            f"The statement can't be read: something is wrong at “{found[1]}”.",
            "Look at commas, quotes and brackets before it, and at the order SELECT, FROM, WHERE, GROUP BY, ORDER BY.",
        ),
    ),
    (
        re.compile(r"unterminated quoted"),
        lambda _: ("A quote is open.", "Text stands in 'single quotes', a name in \"double quotes\"."),
    ),
    (re.compile(r'column "([^"]+)" not found in FROM clause(.*)', re.DOTALL), _candidates),
    (re.compile(r'does not have a column named "([^"]+)"(.*)', re.DOTALL), _candidates),
    (
        re.compile(r'column "([^"]+)" must appear in the GROUP BY clause'),
        lambda found: (
            f"“{found[1]}” is neither grouped by nor counted.",
            "Write GROUP BY ALL, or put it into something like max() or count().",
        ),
    ),
    (
        re.compile(r"Function with name \"?(\w+)\"? does not exist!(?:\s*Did you mean \"([^\"]+)\")?"),
        lambda found: (
            f"There is no function “{found[1]}”.",
            f"Did you mean {found[2]}?" if found[2] else "DuckDB's documentation lists all functions.",
        ),
    ),
    (
        re.compile(r"No function matches the given name and argument types '(.*?)'", re.DOTALL),
        lambda found: (
            f"“{found[1]}” does not go together.",
            "Change the type of one side, as in CAST(x AS VARCHAR), or use another function.",
        ),
    ),
    (
        re.compile(r"Cannot compare values of type (.+?) and (?:values of )?type (.+?)(?: |$|\n)"),
        lambda found: (
            f"{found[1]} can't be compared with {found[2]}.",
            "Change the type of one side, as in CAST(x AS VARCHAR).",
        ),
    ),
    (
        re.compile(r"Ambiguous reference to column name \"([^\"]+)\""),
        lambda found: (
            f"More than one table has a column “{found[1]}”.",
            f"Write which one, as in model_calls.{found[1]}.",
        ),
    ),
    (
        re.compile(r"Could not convert string '(.*?)' to (\w+)"),
        lambda found: (f"“{found[1]}” is no {found[2]}.", "Use TRY_CAST to leave out what does not fit."),
    ),
)
_KIND = re.compile(
    r"^(?:\w+ )?(?:Parser|Binder|Catalog|Conversion|Syntax|Invalid Input|Out of Range|Not implemented) Error: "
)


def in_plain_words(error: QueryError) -> QueryError:
    """The same error for somebody who does not know DuckDB."""
    if error.remedy:
        return error
    text = str(error)
    for pattern, says in _RULES:
        if found := pattern.search(text):
            return QueryError(*says(found))
    return QueryError(_KIND.sub("", text).partition("\n")[0])
