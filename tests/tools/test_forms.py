"""Forms of servers: what becomes a field, and what may stand in it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import GearboxError
from core.tools.forms import FormField, FormKind, filled, form_of

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "title": "Your name", "minLength": 2, "maxLength": 5, "default": "Ann"},
        "mail": {"type": "string", "format": "email"},
        "site": {"type": "string", "format": "uri"},
        "day": {"type": "string", "format": "date"},
        "at": {"type": "string", "format": "date-time"},
        "age": {"type": "integer", "minimum": 1, "maximum": 9, "default": "no number"},
        "rate": {"type": "number"},
        "sure": {"type": "boolean", "default": False},
        "size": {"type": "string", "enum": ["s", "l"], "enumNames": ["Small", "Large"]},
        "hue": {"oneOf": [{"const": "r", "title": "Red"}, {"const": "g"}], "type": "string"},
        "tags": {"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 1, "maxItems": 2},
    },
    "required": ["name"],
}
FIELDS = form_of(SCHEMA)


def test_each_schema_has_its_field() -> None:
    kinds = [FormKind.TEXT, FormKind.EMAIL, FormKind.URI, FormKind.DATE, FormKind.MOMENT, FormKind.WHOLE,
             FormKind.NUMBER, FormKind.YES_NO, FormKind.CHOICE, FormKind.CHOICE, FormKind.CHOICES]  # fmt: skip
    assert [field.kind for field in FIELDS] == kinds
    assert FIELDS[0] == FormField("name", FormKind.TEXT, "Your name", "", True, "Ann", (), 2.0, 5.0)
    assert FIELDS[5].default is None, "a default that does not fit is none"
    assert FIELDS[7].default is False
    assert FIELDS[8].choices == (("s", "Small"), ("l", "Large"))
    assert FIELDS[9].choices == (("r", "Red"), ("g", "g"))


def test_what_fits_is_sent_and_what_is_empty_left_out() -> None:
    sent = {"name": "Bob", "mail": "b@example.org", "site": "https://example.org/a", "day": "2026-11-29",
            "at": "2026-11-29T14:30:00Z", "age": 3, "rate": 1.5, "sure": True, "size": "l", "hue": "r",
            "tags": ["a"]}  # fmt: skip
    assert filled(FIELDS, sent) == sent
    assert filled(FIELDS, {"name": "Bob", "mail": "", "age": None, "tags": [], "sure": False, "more": 1}) == {
        "name": "Bob",
        "sure": False,
    }
    assert filled(FIELDS, {"name": "Bob", "age": 3.0}) == {"name": "Bob", "age": 3}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("name", "", "Your name is empty"),
        ("name", "A", "less than 2"),
        ("name", "Alexander", "more than 5"),
        ("name", 3, "wrong type"),
        ("mail", "nobody", "no email address"),
        ("site", "example.org", "no address"),
        ("site", "javascript: 1", "no address"),
        ("day", "29.11.2026", "no date"),
        ("day", "20261129", "no date"),
        ("at", "2026-11-29T14:30", "with a zone"),
        ("age", 10, "more than 9"),
        ("age", 1.5, "no whole number"),
        ("age", True, "no number"),
        ("rate", float("inf"), "no number"),
        ("sure", "yes", "wrong type"),
        ("size", "m", "none of the choices"),
        ("tags", ["a", "b", "c"], "at most 2"),
        ("tags", ["z"], "none of the choices"),
    ],
)
def test_what_does_not_fit_is_told_by_its_title(name: str, value: object, words: str) -> None:
    with pytest.raises(GearboxError, match=words):
        filled(FIELDS, {"name": "Bob", name: value})


@pytest.mark.parametrize(
    "properties",
    [None, {"a": {"type": "object", "properties": {}}}, {"a": {"type": "array", "items": {"type": "string"}}},
     {"a": "text"}, {"a": {}}, {f"f{number}": {"type": "string"} for number in range(31)}],
    ids=["none", "nested", "list", "no schema", "no type", "too many"],
)  # fmt: skip
def test_what_is_no_flat_form_is_refused(properties: object) -> None:
    with pytest.raises(GearboxError):
        form_of({"type": "object", "properties": properties})


@pytest.mark.parametrize(
    ("title", "secret"),
    [("Password", True), ("Your API key", True), ("access token", True), ("PIN", True), ("Pin code", True),
     ("Card number", True), ("City", False), ("Opinion", False), ("Spinning", False)],
)  # fmt: skip
def test_a_field_that_asks_for_a_secret_is_known(title: str, secret: bool) -> None:
    [field] = form_of({"properties": {"x": {"type": "string", "title": title}}})
    assert field.seems_secret is secret


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_WORDS = st.sampled_from(["type", "enum", "enumNames", "oneOf", "const", "items", "format", "default", "minimum",
                          "maxLength", "minItems", "title", "description"])  # fmt: skip
_PLAIN = st.sampled_from(["string", "integer", "number", "boolean", "array", "email", "date", "uri", "date-time"])


@settings(max_examples=150)
@given(st.dictionaries(_WORDS, _PLAIN | _JSON, max_size=5), _JSON)
def test_any_schema_is_a_form_or_refused_in_words(schema: dict[str, Any], value: Any) -> None:
    try:
        fields = form_of({"properties": {"x": schema}, "required": ["x"]})
        filled(fields, {"x": value})
    except GearboxError:
        pass
