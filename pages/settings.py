"""Settings, behind the gear: connections and keys, the default model, and how the chat behaves."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.errors import GearboxError
from core.providers.directory import PROVIDERS
from data.values.models import Endpoint, EndpointKind
from pages.plain import plain
from pages.session import Keys, Session
from pages.visit import Visit

_ICONS = {
    EndpointKind.SANDBOX: ":material/science:",
    EndpointKind.LOCAL: ":material/computer:",
    EndpointKind.PROVIDER: ":material/cloud:",
    EndpointKind.CUSTOM: ":material/lan:",
}


def render(visit: Visit) -> None:
    """One run of the page."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title("Settings", anchor=False)
        st.space("stretch")
        st.page_link(visit.places.chat, label="Back to chat", icon=":material/arrow_back:")
    _default_model(visit)
    _connections(visit)
    _add_connection(visit)
    _chat(visit)


def _default_model(visit: Visit) -> None:
    preferences = visit.preferences
    st.subheader("Default model", anchor=False)
    models = {model.id: model for model in visit.services.connections.models(visit.actor.user_id)}
    automatic = visit.services.connections.default_model(visit.actor.user_id, None)
    chosen = preferences.default_model if preferences.default_model in models else None

    def name(model_id: str) -> str:
        if not model_id:
            return f"First that can be used: {automatic.label}" if automatic else "First that can be used"
        return f"{models[model_id].label} · {models[model_id].provider}"

    # The stored value leads, also when another browser changed it; the callback has stored a click before this run.
    Session().default_model_choice = chosen
    st.selectbox(
        "New chats start with",
        ["", *models],
        key=Keys.DEFAULT_MODEL,
        format_func=name,
        on_change=_save_default_model,
        args=(visit,),
        help="Type to search. The model chip above a chat switches that chat alone.",
    )
    if preferences.default_model and chosen is None:
        words = plain(preferences.default_model)
        st.caption(f":material/info: {words} can't be used now; its key or server is gone.")


def _save_default_model(visit: Visit) -> None:
    visit.services.preferences.save(visit.actor, default_model=Session().default_model_choice)
    st.toast("Default model saved.")


def _connections(visit: Visit) -> None:
    st.subheader("Connections", anchor=False)
    for endpoint in visit.services.connections.endpoints(visit.actor.user_id):
        with st.container(border=True, key=f"connection-{endpoint.id}"):
            _connection(visit, endpoint)
    if visit.services.settings.local_discovery:
        names = "Ollama, LM Studio, llama.cpp and vLLM"
        st.caption(f"Servers on this machine ({names}, at their usual ports) are found by themselves, once a minute.")
        if st.button("Look again now", icon=":material/radar:", type="tertiary"):
            with st.spinner("Looking for servers on this machine"):
                visit.services.discovery.look_now()
            st.rerun()


def _connection(visit: Visit, endpoint: Endpoint) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            st.markdown(f"{_ICONS[endpoint.kind]} **{plain(endpoint.label)}**")
            st.caption(_facts(visit, endpoint))
        tested = st.button("Test", key=f"test-{endpoint.id}", help="Makes one small real call")
        if endpoint.kind in {EndpointKind.PROVIDER, EndpointKind.CUSTOM}:
            _remove(visit, endpoint)
    if tested:
        with st.spinner("Calling the model"):
            result = visit.services.connection_check.run(visit.actor, endpoint)
        if result.ok:
            took = f" First token after {result.seconds:.1f} s." if result.seconds is not None else ""
            st.success(f"{plain(result.message)}{took}", icon=":material/check_circle:")
        else:
            st.error(plain(f"{result.message} {result.remedy}"), icon=":material/error:")


def _facts(visit: Visit, endpoint: Endpoint) -> str:
    if endpoint.kind is EndpointKind.SANDBOX:
        return "Built in and scripted: it answers without a key, and knows nothing."
    card = visit.services.connections.card(endpoint)
    facts = [f"`{endpoint.base_url}`"] if endpoint.base_url else []
    if endpoint.kind is EndpointKind.LOCAL:
        facts.append("found on this machine")
    elif card is None:
        facts.append("no key")
    else:
        # Of a short key even its end would tell too much; the vault keeps none of it.
        facts.append(f"key ending in `{card.last4}`" if card.last4 else "key stored")
    return " · ".join(facts)


def _remove(visit: Visit, endpoint: Endpoint) -> None:
    with st.popover("Remove", key=f"remove-{endpoint.id}"):
        st.caption("Its key is deleted from the vault. Conversations stay.")
        if st.button("Remove it", key=f"for-good-{endpoint.id}", type="primary"):
            visit.services.connections.remove(visit.actor.user_id, endpoint.id)
            st.rerun()


def _add_connection(visit: Visit) -> None:
    session = Session()
    by_key, by_address = st.tabs(
        ["Add a provider key", "Add an OpenAI-compatible server"], key=Keys.ADD_TABS, on_change="rerun"
    )
    with by_key, st.form("add-provider", clear_on_submit=True, border=True):
        slug = st.selectbox("Provider", list(PROVIDERS), format_func=lambda slug: PROVIDERS[slug].label)
        key = st.text_input("Key", type="password", autocomplete="off", help="Sealed at once; never shown again.")
        st.caption("The key is encrypted before it is stored. Afterwards only its last four characters are shown.")
        if st.form_submit_button("Add", type="primary"):
            _added(lambda: visit.services.connections.add_provider(visit.actor.user_id, slug, key))
    with by_address, st.form("add-server", border=True):
        st.text_input("Name", placeholder="Team server", key=Keys.SERVER_NAME)
        st.text_input("Base URL", placeholder="https://models.example.org/v1", key=Keys.SERVER_URL)
        st.text_input("Key (if it needs one)", type="password", autocomplete="off", key=Keys.SERVER_KEY)
        st.form_submit_button("Add", type="primary", on_click=_add_server, args=(visit, session))
    if answer := session.take_answer():
        added, words = answer
        (st.success if added else st.error)(words, icon=":material/check_circle:" if added else ":material/error:")


def _add_server(visit: Visit, session: Session) -> None:
    name, url, key = session.take_server()
    try:
        endpoint = visit.services.connections.add_custom(visit.actor.user_id, name, url, key)
    except GearboxError as error:
        again = " Enter the key again, too: it is not kept." if key else ""
        session.answer(added=False, words=plain(f"{error.explain()}{again}"))
        return
    session.clear_server()
    session.answer(added=True, words=f"{plain(endpoint.label)} added. Test it to be sure.")


def _added(add: Callable[[], Endpoint]) -> None:
    try:
        endpoint = add()
    except GearboxError as error:
        st.error(error.explain(), icon=":material/error:")
        return
    st.toast(f"{plain(endpoint.label)} added. Test it to be sure.", icon=":material/check:")
    st.rerun()


def _chat(visit: Visit) -> None:
    preferences = visit.preferences
    st.subheader("Chat", anchor=False)
    Session().advanced_switch = preferences.advanced
    advanced = st.toggle(
        "Advanced",
        key=Keys.ADVANCED,
        on_change=_save_advanced,
        args=(visit,),
        help="Shows parameters and the system prompt here, and token and cost details under every answer.",
    )
    if not advanced:
        return
    with st.form("parameters", border=True):
        system_prompt = st.text_area(
            "System prompt", preferences.system_prompt, help="Goes before every conversation.", max_chars=20_000
        )
        own = st.checkbox("Set the temperature", preferences.temperature is not None)
        temperature = st.slider("Temperature", 0.0, 2.0, preferences.temperature or 1.0, 0.1)
        max_tokens = st.number_input(
            "Longest answer, in tokens", 1, 1_000_000, preferences.max_tokens, placeholder="The provider's default"
        )
        if st.form_submit_button("Save", type="primary"):
            visit.services.preferences.save(
                visit.actor,
                system_prompt=system_prompt,
                temperature=temperature if own else None,
                max_tokens=max_tokens,
            )
            st.toast("Saved.")


def _save_advanced(visit: Visit) -> None:
    visit.services.preferences.save(visit.actor, advanced=Session().advanced_switch)
