"""A question of a running tool, as it is drawn and answered."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "title": "Name *of* yours", "minLength": 2},
        "password": {"type": "string"},
        "seats": {"type": "integer", "default": 2},
        "window": {"type": "boolean"},
        "class": {"oneOf": [{"const": "1", "title": "First"}, {"const": "2", "title": "Second"}], "default": "2"},
        "extras": {"type": "array", "items": {"enum": ["bike", "dog"]}},
        "day": {"type": "string", "format": "date", "default": "2026-11-29"},
    },
    "required": ["name"],
}


def page(schema: dict[str, object], url: str) -> None:
    import streamlit as st

    from data.values.questions import Question
    from pages import forms

    question = Question("Rail [x](https://evil.example)", "Which **ticket**?", schema, url)
    forms.draw("k", question, lambda key, said: st.session_state.setdefault("said", (key, said)))


def drawn(schema: dict[str, Any], url: str = "") -> AppTest:
    return AppTest.from_function(page, args=(schema, url), default_timeout=60).run()


def said(app: AppTest) -> tuple[str, str, dict[str, Any]]:
    key, answer = app.session_state["said"]
    return key, answer.reply.value, dict(answer.content)


def test_a_form_says_who_asks_warns_of_secrets_and_sends_what_fits() -> None:
    app = drawn(SCHEMA)
    assert app.markdown[0].value == r":material/help: **Rail \[x\]\(https\://evil\.example\) asks**"
    assert app.text[0].value == "Which **ticket**?"
    assert "Never enter a password" in app.warning[0].value
    app.text_input[0].set_value("A")
    app.button[0].click().run()
    assert "said" not in app.session_state
    assert "less than 2" in app.error[0].value
    app.text_input[0].set_value("Ann")
    app.multiselect[0].set_value(["dog"])
    app.button[0].click().run()
    assert said(app) == (
        "k",
        "accept",
        {"name": "Ann", "seats": 2, "window": False, "class": "2", "extras": ["dog"], "day": "2026-11-29"},
    )


def test_it_can_be_declined_and_cancelled_with_nothing_filled_in() -> None:
    for place, reply in ((1, "decline"), (2, "cancel")):
        app = drawn(SCHEMA)
        app.button[place].click().run()
        assert said(app) == ("k", reply, {})


def test_a_page_to_open_shows_its_whole_address() -> None:
    app = drawn({}, "https://xn--e1awd7f.example/pay?id=1")
    assert app.code[0].value == "https://xn--e1awd7f.example/pay?id=1"
    app.button[0].click().run()
    assert said(app) == ("k", "accept", {})
