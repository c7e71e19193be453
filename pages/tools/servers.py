"""The Servers tab: what brings tools, whether it answers, and who may use it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import streamlit as st

from core.access.policy import Permission, granted
from core.clock import utc_now
from core.tools.mcp.listing import PROMPTS, RESOURCES
from data.values.tool_servers import ServerKind, ToolServer
from pages import outcome
from pages.asking import ask
from pages.moments import ago
from pages.plain import plain
from pages.session import Session
from pages.tools import adding, review
from pages.tools.words import visible
from pages.visit import Visit
from pages.widget_keys import Keys

PLACE = "tool-servers"
_DIALOG = "tool-server"
EVERYBODY = ""


class _Do(StrEnum):
    """As the menu says it."""

    CHECK = ":material/sync: Ask for its tools again"
    REVIEW = ":material/rule: What is trusted"
    OFFER = ":material/group: Who may use it"
    SECRET = ":material/key: Replace its secret"  # noqa: S105  # a menu's entry
    TURN = ":material/power_settings_new: Turn off or on"
    REMOVE = ":material/delete: Remove"


def draw(visit: Visit) -> None:
    """Draw the tab."""
    servers = visit.services.tools.servers.all(visit.actor)
    teams = _teams(visit)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("MCP servers bring tools of their own. A model is offered only those that you looked at and trust.")
        st.space("stretch")
        if st.button("Add a server", icon=":material/add:", type="secondary" if servers else "primary"):
            adding.dialog(visit, teams)
    outcome.say(PLACE)
    for server in servers:
        with st.container(border=True, key=f"tool-server-{server.id}"):
            _server(visit, server, teams)
    if not servers:
        _nothing()


def _teams(visit: Visit) -> Mapping[str, str]:
    """Names of all teams for who manages people, of their own for everybody else."""
    teams = visit.services.teams
    found = teams.list(visit.actor) if granted(visit.actor, Permission.MANAGE_PEOPLE) else teams.mine(visit.actor)
    return {team.id: team.name for team in found}


def _nothing() -> None:
    with st.container(border=True):
        st.markdown(":material/add_box: **No server yet**")
        st.caption(
            "With an address: whatever your code host, wiki or ticket system offers as its MCP server. As a program: "
            "for example `npx -y @modelcontextprotocol/server-filesystem /data`, which Gearbox starts when somebody "
            "needs it. Add one, look at its tools, and trust those that models may call."
        )


def _server(visit: Visit, server: ToolServer, teams: Mapping[str, str]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            icon = ":material/public:" if server.kind is ServerKind.HTTP else ":material/terminal:"
            st.markdown(f"{icon} **{plain(server.label)}** {_audience(server, teams)}")
            reached = server.url or " ".join(server.command)
            st.caption(f"{plain(visible(reached))}{_secret(server)}")
            st.caption(_state(server))
        if review.open_questions(server) and st.button("Look at its tools", key=f"review-{server.id}", type="primary"):
            review.dialog(visit, server)
        chosen = st.menu_button(
            "Manage", list(_Do), icon=":material/more_vert:", type="tertiary", key=f"manage-{server.id}"
        )
    match chosen:
        case _Do.CHECK:
            with st.spinner(f"Asking {server.label}"):
                check(visit, server)
            st.rerun()
        case _Do.REVIEW:
            review.dialog(visit, server)
        case _Do.OFFER:
            _offer_dialog(visit, server, teams)
        case _Do.SECRET:
            adding.secret_dialog(visit, server)
        case _Do.TURN:
            _turn(visit, server)
            st.rerun()
        case _Do.REMOVE:
            ask(
                f"Remove {plain(server.label)}?",
                "Its tools are gone for everybody, and its secret is removed from the vault.",
                yes="Remove it",
                act=lambda: visit.services.tools.servers.remove(visit.actor, server.id),
            )


def check(visit: Visit, server: ToolServer) -> None:
    """Ask a server for its tools, and leave for the tab what came of it."""

    def act() -> str:
        found = [tool.name for tool in visit.services.tools.servers.check(visit.actor, server.id)]
        beside = [word for name, word in ((RESOURCES, "resources"), (PROMPTS, "prompts")) if name in found]
        count = len(found) - len(beside)
        has = ["1 tool" if count == 1 else f"{count} tools", *beside]
        return f"{plain(server.label)} answers and has {' and '.join(filter(None, (', '.join(has[:-1]), has[-1])))}."

    outcome.of(PLACE, act)


def _audience(server: ToolServer, teams: Mapping[str, str]) -> str:
    if not server.is_on:
        return ":red-badge[off]"
    if server.team_id is None:
        return ":gray-badge[for everybody]"
    return f":gray-badge[for {plain(teams.get(server.team_id, 'a team that is gone'))}]"


def _secret(server: ToolServer) -> str:
    if server.variables:
        return f" · with {plain(', '.join(server.variables))}"
    return " · with a token" if server.secret_id else ""


def _state(server: ToolServer) -> str:
    if server.listed is None or server.listed_at is None:
        return "It has not answered yet: choose “Ask for its tools again” in its menu."
    new, changed, gone = review.new(server), review.changed(server), review.gone(server)
    fine = len(server.trusted) - len(changed) - len(gone)
    words = [f"{fine} offered"]
    words += [f":orange[{len(new)} to look at]"] if new else []
    words += [f":red[{len(changed)} changed]"] if changed else []
    words += [f"{len(gone)} no longer there"] if gone else []
    return f"{', '.join(words)} · asked {ago(server.listed_at, utc_now())} · called `{server.name}__…`"


def _turn(visit: Visit, server: ToolServer) -> None:
    def act() -> str:
        visit.services.tools.servers.offer(visit.actor, server.id, team_id=server.team_id, is_on=not server.is_on)
        return f"{plain(server.label)} is {'off' if server.is_on else 'on'}."

    outcome.of(PLACE, act)


@st.dialog("Who may use it")
def _offer_dialog(visit: Visit, server: ToolServer, teams: Mapping[str, str]) -> None:
    with st.form("tool-server-offer", border=False):
        audience(teams, server.team_id)
        st.form_submit_button("Save", type="primary", on_click=_offer, args=(visit, server))
    outcome.close(_DIALOG)


def audience(teams: Mapping[str, str], team_id: str | None = None) -> None:
    """A field for whom a server is there."""
    options = [EVERYBODY, *teams]
    st.selectbox(
        "For",
        options,
        options.index(team_id) if team_id in options else 0,
        format_func=lambda each: f"The team {teams[each]}" if each else "Everybody",
        key=Keys.TOOL_SERVER_FOR,
    )


def _offer(visit: Visit, server: ToolServer) -> None:
    team_id = Session().typed(Keys.TOOL_SERVER_FOR) or None

    def act() -> str:
        visit.services.tools.servers.offer(visit.actor, server.id, team_id=team_id, is_on=server.is_on)
        return f"{plain(server.label)} is there for {'a team' if team_id else 'everybody'}."

    outcome.of(_DIALOG, act)
