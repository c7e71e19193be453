"""Adding a server, and replacing its secret."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.errors import GearboxError
from data.values.tool_servers import ServerKind, ToolServer
from pages import outcome
from pages.keys import fields
from pages.plain import plain
from pages.session import Session
from pages.tools import servers
from pages.visit import Visit
from pages.widget_keys import Keys

_DIALOG = "add-tool-server"
_SECRET = "tool-server-secret"  # noqa: S105  # the name of a place
_AGAIN = "Enter the secret again, too: it is not kept."
_ADDRESS, _PROGRAM = "An address", "A program"


def dialog(visit: Visit, teams: Mapping[str, str]) -> None:
    """Open the form for a new server."""

    @st.dialog("Add a server", width="medium")
    def opened() -> None:
        kind = st.segmented_control(
            "It is reached as", [_ADDRESS, _PROGRAM], default=_ADDRESS, required=True, key=Keys.TOOL_SERVER_KIND
        )
        with st.form("add-tool-server-form", border=False):
            with st.container(horizontal=True):
                st.text_input("Name", placeholder="Code host", key=Keys.TOOL_SERVER_LABEL, max_chars=60)
                st.text_input(
                    "Short name", placeholder="code", key=Keys.TOOL_SERVER_NAME, max_chars=24,
                    help="Goes in front of its tools' names: code__search. Small letters, digits, dashes.",
                )  # fmt: skip
            if kind == _PROGRAM:
                _program()
            else:
                st.text_input("Address", placeholder="https://host.example/mcp", key=Keys.TOOL_SERVER_URL)
                fields.key("Bearer token (if it needs one)", Keys.TOOL_SERVER_SECRET)
            servers.audience(teams)
            st.caption("Nothing of it is offered to models before you have looked at its tools.")
            st.form_submit_button("Add", type="primary", on_click=_add, args=(visit, kind == _PROGRAM))
        outcome.close(_DIALOG)

    opened()


def secret_dialog(visit: Visit, server: ToolServer) -> None:
    """Open the form for another token, or other variables."""

    @st.dialog("Replace its secret")
    def opened() -> None:
        with st.form("tool-server-secret-form", border=False):
            if server.kind is ServerKind.STDIO:
                _variables()
            else:
                fields.key("Bearer token", Keys.TOOL_SERVER_SECRET)
            st.caption("What was there before is removed. Leave it empty to have none.")
            st.form_submit_button("Replace", type="primary", on_click=_replace, args=(visit, server))
        outcome.close(_SECRET)

    opened()


def _program() -> None:
    st.text_input(
        "Command", placeholder="npx -y @modelcontextprotocol/server-filesystem /data", key=Keys.TOOL_SERVER_COMMAND,
        help="The program and its arguments. No shell runs it. It is kept readable: secrets belong below.",
    )  # fmt: skip
    _variables()
    st.caption(
        ":material/warning: It runs as Gearbox's own user on this machine, so it can read what Gearbox can. Add only "
        "what you would install here."
    )


def _variables() -> None:
    st.text_area(
        "Environment variables (if it needs some)", placeholder="API_KEY=…", key=Keys.TOOL_SERVER_SECRET,
        help="One NAME=value on each line. The values are encrypted, and never shown again.",
    )  # fmt: skip


def _add(visit: Visit, is_program: bool) -> None:
    session = Session()
    secret = session.take(Keys.TOOL_SERVER_SECRET)
    added: list[ToolServer] = []

    def act() -> str:
        tools, team_id = visit.services.tools.servers, session.typed(Keys.TOOL_SERVER_FOR) or None
        name, label = session.typed(Keys.TOOL_SERVER_NAME), session.typed(Keys.TOOL_SERVER_LABEL)
        if is_program:
            command, variables = session.typed(Keys.TOOL_SERVER_COMMAND), _read(secret)
            server = tools.add_program(
                visit.actor, name=name, label=label, command=command, variables=variables, team_id=team_id
            )
        else:
            url = session.typed(Keys.TOOL_SERVER_URL)
            server = tools.add_address(
                visit.actor, name=name, label=label, url=url, token=secret or None, team_id=team_id
            )
        added.append(server)
        return f"{plain(server.label)} is added."

    if outcome.of(_DIALOG, act, once_more=_AGAIN if secret else ""):
        session.clear(Keys.TOOL_SERVER_NAME, Keys.TOOL_SERVER_LABEL, Keys.TOOL_SERVER_URL, Keys.TOOL_SERVER_COMMAND)
        servers.check(visit, added[0])


def _replace(visit: Visit, server: ToolServer) -> None:
    secret = Session().take(Keys.TOOL_SERVER_SECRET)

    def act() -> str:
        values = _read(secret) if server.kind is ServerKind.STDIO else (secret or None)
        visit.services.tools.servers.replace_secret(visit.actor, server.id, values)
        return f"The secret of {plain(server.label)} is {'replaced' if secret else 'removed'}."

    outcome.of(_SECRET, act, once_more=_AGAIN if secret else "")


def _read(text: str) -> dict[str, str]:
    """NAME=value lines. Raises GearboxError, which repeats no value."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        name, equals, value = line.strip().partition("=")
        if not equals:
            raise GearboxError(f"Line {number} of the variables has no equals sign.", "Write NAME=value on each line.")
        found[name.strip()] = value.strip()
    return found
