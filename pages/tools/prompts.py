"""A server's prompts: one is chosen, told what it asks for, and put into the field of the chat."""

from __future__ import annotations

import streamlit as st

from core.errors import GearboxError
from data.values.server_contents import ListedPrompt
from data.values.tool_servers import ToolServer
from pages.plain import plain
from pages.session import Session
from pages.tools.words import visible
from pages.visit import Visit
from pages.widget_keys import Keys


def dialog(visit: Visit, server: ToolServer) -> None:
    """Open the prompts of a server."""

    @st.dialog(f"Prompts of {plain(server.label)}")
    def opened() -> None:
        try:
            with st.spinner("Asking the server"):
                listed = visit.services.tools.contents.prompts(visit.actor, server.id)
            chosen = st.selectbox("Prompt", listed, format_func=_name, key=f"{Keys.PROMPT}-{server.id}")
            if chosen is not None and (given := _form(server, chosen)) is not None:
                _begin(visit, server, chosen, given)
        except GearboxError as error:
            st.error(plain(error.explain()), icon=":material/error:")

    opened()


def _form(server: ToolServer, prompt: ListedPrompt) -> dict[str, str] | None:
    """What was filled in, once it was sent."""
    if prompt.description:
        st.text(visible(prompt.description))
    with st.form(f"prompt-form-{server.id}-{prompt.name}", border=False):
        given = {}
        for each in prompt.arguments:
            label = plain(visible(each.name)) if each.is_needed else f"{plain(visible(each.name))} :gray[(optional)]"
            help_ = plain(visible(each.description)) or None
            given[each.name] = st.text_input(label, key=f"prompt-{server.id}-{prompt.name}-{each.name}", help=help_)
        pressed = st.form_submit_button("Use in the chat", type="primary")
    if not pressed:
        return None
    for each in prompt.arguments:
        if each.is_needed and not given[each.name].strip():
            raise GearboxError(f"{each.name} is empty.", "Fill it in.")
    return {name: value for name, value in given.items() if value.strip()}


def _begin(visit: Visit, server: ToolServer, prompt: ListedPrompt, given: dict[str, str]) -> None:
    with st.spinner("Asking the server"):
        begun = visit.services.tools.contents.prompt(visit.actor, server.id, prompt.name, given)
    note = f":material/shield: {plain(server.label)} wrote this. Read it before you send it."
    if begun.left_out:
        note += " What is no text in it is left out."
    if begun.is_cut:
        note += " It is longer, and was cut."
    Session().begin_with(visible(begun.text), note)
    st.switch_page(visit.places.chat)


def _name(prompt: ListedPrompt) -> str:
    return visible(prompt.title or prompt.name)
