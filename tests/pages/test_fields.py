"""What is typed into a secret's field is gone from the session when the run that took it has ended."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

CANARY = "sk-canary-9Qx2vRt7LmWz4KpY8sHdQ3Jf"


def a_form() -> None:
    import streamlit as st

    from pages.keys import fields
    from pages.session import Session

    def take() -> None:
        st.session_state["length"] = len(Session().take("field"))
        if st.session_state.get("fails"):
            raise RuntimeError("the key was not kept")

    with st.form("form"):
        fields.key("Key", "field")
        st.form_submit_button("Add", on_click=take)


def everything_in(app: AppTest) -> str:
    """The session's state as Streamlit keeps it between runs: values, and what came from the browser."""
    state = app.session_state._state
    state = getattr(state, "_state", state)
    return repr([state._new_session_state, state._old_state, state._new_widget_state.states])


def submitted(*, fails: bool) -> AppTest:
    app = AppTest.from_function(a_form, default_timeout=60)
    app.session_state["fails"] = fails
    app.run()
    app.text_input(key="field").input(CANARY)
    app.button[0].click().run()
    return app


def test_the_key_was_taken_and_is_gone() -> None:
    app = submitted(fails=False)
    assert app.session_state["length"] == len(CANARY)
    assert app.text_input(key="field").value == ""
    assert CANARY not in everything_in(app)


def test_also_when_taking_it_failed() -> None:
    app = submitted(fails=True)
    assert app.session_state["length"] == len(CANARY)
    assert CANARY not in everything_in(app)


def test_it_would_be_found_where_nobody_takes_it() -> None:
    def careless() -> None:
        import streamlit as st

        with st.form("form"):
            st.text_input("Key", key="field")
            st.form_submit_button("Add")

    app = AppTest.from_function(careless, default_timeout=60).run()
    app.text_input(key="field").input(CANARY)
    app.button[0].click().run()
    assert CANARY in everything_in(app)
