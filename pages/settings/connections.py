"""What can answer: every connection with its key, and a real test of each."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.shelf import KeyShelfItem
from data.values.calls import KeyOwner
from data.values.models import Endpoint, EndpointKind
from pages.keys import menu, said
from pages.plain import plain
from pages.visit import Visit

ICONS = {
    EndpointKind.SANDBOX: ":material/science:",
    EndpointKind.LOCAL: ":material/computer:",
    EndpointKind.PROVIDER: ":material/cloud:",
    EndpointKind.CUSTOM: ":material/lan:",
}


def draw(visit: Visit) -> None:
    """Draw a card for each connection."""
    st.subheader("Connections", anchor=False)
    shelf = visit.services.keys.shelf(visit.actor)
    keys = {item.endpoint.id: item for item in shelf if item.endpoint is not None}
    teams = {team.id: team.name for team in visit.services.teams.mine(visit.actor)}
    for endpoint in visit.services.connections.endpoints(visit.actor):
        with st.container(border=True, key=f"connection-{endpoint.id}"):
            _connection(visit, endpoint, keys.get(endpoint.id), teams)
    _not_used(shelf, teams)
    if visit.services.settings.local_discovery:
        _look_again(visit)


def _connection(visit: Visit, endpoint: Endpoint, key: KeyShelfItem | None, teams: Mapping[str, str]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            st.markdown(f"{ICONS[endpoint.kind]} **{plain(endpoint.label)}** {said.badges(key, teams) if key else ''}")
            st.caption(_facts(endpoint, key))
        tested = st.button("Test", key=f"test-{endpoint.id}", help="Makes one small real call")
        if _is_own(endpoint, key):
            menu.draw(visit, key, endpoint)
    if tested:
        _test(visit, endpoint)


def _is_own(endpoint: Endpoint, key: KeyShelfItem | None) -> bool:
    """Whether the person may change it; what is shared is changed on the Admin page."""
    return endpoint.kind in {EndpointKind.PROVIDER, EndpointKind.CUSTOM} and not (
        endpoint.is_shared or (key is not None and key.is_shared)
    )


def _test(visit: Visit, endpoint: Endpoint) -> None:
    with st.spinner("Calling the model"):
        result = visit.services.connection_check.run(visit.actor, endpoint)
    if result.ok:
        took = f" First token after {result.seconds:.1f} s." if result.seconds is not None else ""
        st.success(f"{plain(result.message)}{took}", icon=":material/check_circle:")
    else:
        st.error(plain(f"{result.message} {result.remedy}"), icon=":material/error:")


def _facts(endpoint: Endpoint, key: KeyShelfItem | None) -> str:
    if endpoint.kind is EndpointKind.SANDBOX:
        return "Built in and scripted: it answers without a key, and knows nothing."
    facts = [f"`{endpoint.base_url}`"] if endpoint.base_url else []
    if endpoint.kind is EndpointKind.LOCAL:
        facts.append("found on this machine")
    elif key is None:
        facts.append("no key")
    else:
        facts += said.facts(key)
    return " · ".join(facts)


def _not_used(shelf: list[KeyShelfItem], teams: Mapping[str, str]) -> None:
    """The nearest key is used: say which shared ones are not, because of it."""
    for item in shelf:
        if item.is_shared and not item.is_used:
            whose = f"team {said.owner(item, teams)}" if item.owner is KeyOwner.TEAM else "organisation"
            st.caption(f":material/info: The key for {plain(item.label)} of the {whose} is not used: a nearer one is.")


def _look_again(visit: Visit) -> None:
    names = "Ollama, LM Studio, llama.cpp and vLLM"
    st.caption(f"Servers on this machine ({names}, at their usual ports) are found by themselves, once a minute.")
    if st.button("Look again now", icon=":material/radar:", type="tertiary"):
        with st.spinner("Looking for servers on this machine"):
            visit.services.connections.look_again(visit.actor)
        st.rerun()
