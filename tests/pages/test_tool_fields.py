from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import GearboxError
from data.values.tool_servers import ListedTool
from pages.tools.fields import Field, FieldKind, arguments, fields_of
from pages.tools.review import difference
from pages.tools.words import shortened, visible

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "path": {"type": "string", "description": "Where", "default": "/"},
        "body": {"type": "string", "maxLength": 9000},
        "count": {"type": "integer", "minimum": 1, "maximum": 9, "default": 3},
        "rate": {"anyOf": [{"type": "number"}, {"type": "null"}], "default": None},
        "deep": {"type": "boolean"},
        "order": {"$ref": "#/$defs/Order", "default": "new"},
        "tags": {"type": "array", "items": {"type": "string"}, "default": ["a", "b"]},
        "more": {"type": "object", "default": {"a": 1}},
    },
    "required": ["path", "body"],
    "$defs": {"Order": {"enum": ["new", "old"], "type": "string"}},
}


def test_each_type_has_its_field() -> None:
    assert fields_of(SCHEMA) == [
        Field("path", FieldKind.TEXT, True, "Where", "/"),
        Field("body", FieldKind.LONG_TEXT, True),
        Field("count", FieldKind.WHOLE, False, "", 3, (), 1.0, 9.0),
        Field("rate", FieldKind.NUMBER, False),
        Field("deep", FieldKind.YES_NO, False),
        Field("order", FieldKind.CHOICE, False, "", "new", ("new", "old")),
        Field("tags", FieldKind.LINES, False, "", "a\nb"),
        Field("more", FieldKind.JSON, False, "", '{"a": 1}'),
    ]


def test_what_was_filled_in_becomes_arguments_and_empty_fields_are_left_out() -> None:
    filled = {
        "path": "/a",
        "body": "",
        "count": 2,
        "rate": None,
        "deep": False,
        "tags": "x\n\ny",
        "more": ' {"b": [1]} ',
    }
    assert arguments(fields_of(SCHEMA), filled) == {
        "path": "/a", "body": "", "count": 2, "deep": False, "tags": ["x", "y"], "more": {"b": [1]},
    }  # fmt: skip
    with pytest.raises(GearboxError, match="more is not JSON"):
        arguments(fields_of(SCHEMA), {"more": "{"})


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "properties", "items", "enum", "anyOf", "$ref", "default", "required", "minimum", "a"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=80)
@given(st.dictionaries(st.text(max_size=5), _JSON, max_size=4))
def test_a_schema_of_anybody_s_gives_fields(properties: dict[str, Any]) -> None:
    for field in fields_of({"properties": properties, "$defs": properties}):
        assert arguments([field], {field.name: None}) == {}


def test_a_schema_that_refers_to_itself_ends() -> None:
    loop = {"properties": {"a": {"$ref": "#/properties/a"}}}
    assert fields_of(loop) == [Field("a", FieldKind.JSON, False)]


def test_what_can_not_be_seen_is_written_out() -> None:
    hidden = "Adds.\u200b\U000e0041 \u202egnp"
    assert visible(hidden) == "Adds.\\u{200b}\\u{e0041} \\u{202e}gnp"
    assert shortened("a  b\nc") == "a b c"
    changed = difference(ListedTool("a", description="Adds."), ListedTool("a", description=hidden))
    assert "-Adds." in changed
    assert "+Adds.\\u{200b}" in changed
