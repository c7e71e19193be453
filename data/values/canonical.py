"""Canonical JSON: one text for one value, so that it can be hashed and signed (RFC 8785, JCS).

Of what RFC 8785 allows, only what the audit log needs: ASCII member names, strings, integers up to 2^53, booleans,
null, lists and objects. Then sorting by code point is its UTF-16 order, and no number has two spellings; floats are
refused. A test holds the result against the reference library.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

END_OF_DATES = 2200
"""The year before which dates lie that people may choose: as microseconds since 1970 they stay exact until 2255."""
_MAX_INTEGER = 2**53 - 1
_dump = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def canonical_json(value: Mapping[str, Any]) -> str:
    """The canonical text of `value`.

    Raises:
        ValueError: it holds something that has no canonical text here.
    """
    _check(value)
    return _dump(value)


def _check(value: Any) -> None:
    kind = type(value)
    if kind is str:
        if not value.isascii():
            value.encode("utf-8")  # a lone surrogate has no UTF-8, and UnicodeEncodeError is a ValueError
    elif kind is int:
        if not -_MAX_INTEGER <= value <= _MAX_INTEGER:
            raise ValueError("an integer beyond 2^53 has no canonical JSON")
    elif kind is dict:
        for name, member in value.items():
            if type(name) is not str or not name.isascii():
                raise ValueError("a member's name must be ASCII text")
            _check(member)
    elif kind is list:
        for item in value:
            _check(item)
    elif value is not None and kind is not bool:
        raise ValueError(f"{kind.__name__} has no canonical JSON here")
