"""Looking at a server's tools before models may call them: what is new, and what changed since it was trusted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from difflib import unified_diff

import streamlit as st

from core.tools.mcp.listing import PROMPTS, RESOURCES
from data.values.tool_servers import ListedTool, ToolServer
from pages import outcome
from pages.plain import plain
from pages.session import Session
from pages.tools.words import visible
from pages.visit import Visit

_DIALOG = "review-tools"


def new(server: ToolServer) -> list[ListedTool]:
    """What it lists and nobody has trusted."""
    return [tool for tool in server.listed or () if tool.name not in server.trusted]


def changed(server: ToolServer) -> list[ListedTool]:
    """What it describes otherwise than it was trusted."""
    trusted = server.trusted
    return [
        tool
        for tool in server.listed or ()
        if tool.name in trusted and tool.fingerprint != trusted[tool.name].tool.fingerprint
    ]


def gone(server: ToolServer) -> list[str]:
    """What was trusted and it lists no more."""
    listed = {tool.name for tool in server.listed or ()}
    return [name for name in server.trusted if name not in listed] if server.listed is not None else []


def open_questions(server: ToolServer) -> int:
    """How many of its tools wait for somebody to look at them."""
    return len(new(server)) + len(changed(server))


def difference(before: ListedTool, now: ListedTool) -> str:
    """What changed, line by line, with what can't be seen written out."""
    lines = unified_diff(_lines(before), _lines(now), "trusted", "now", lineterm="", n=2)
    return "\n".join(lines)


def dialog(visit: Visit, server: ToolServer) -> None:
    """Open the list of a server's tools."""

    @st.dialog(f"Tools of {plain(server.label)}", width="large")
    def opened() -> None:
        st.caption(
            "Tick what may be used. Models read these descriptions as you do, so look for orders in them. They call by "
            "themselves only what you say only reads; before the rest runs, people are asked."
        )
        asked, rest = [*changed(server), *new(server)], _settled(server)
        with st.form("review-tools-form", border=False):
            for tool in asked:
                _asked(server, tool)
            if rest:
                st.markdown("**Trusted**")
            for tool in rest:
                _trusted(server, tool)
            for name in gone(server):
                st.caption(f"{plain(name)} was trusted, and the server has it no more.")
            st.form_submit_button("Save", type="primary", on_click=_save, args=(visit, server, asked, rest))
        outcome.close(_DIALOG)

    opened()


def _settled(server: ToolServer) -> list[ListedTool]:
    waiting = {tool.name for tool in changed(server)}
    return [tool for tool in server.listed or () if tool.name in server.trusted and tool.name not in waiting]


def _asked(server: ToolServer, tool: ListedTool) -> None:
    with st.container(border=True):
        before = server.trusted.get(tool.name)
        st.markdown(f"**{plain(visible(tool.title or tool.name))}** {':red-badge[changed]' if before else ''}")
        if before:
            st.code(difference(before.tool, tool), language="diff", wrap_lines=True)
        else:
            st.text(visible(tool.description) or "It has no description.")
            if tool.name != PROMPTS:
                with st.expander("What it takes"):
                    st.code(json.dumps(tool.schema, indent=2), language="json", wrap_lines=True)
        # A new tool is ticked, for that is what the person came for; a changed one has to be meant.
        _ticks(server, tool, trusted=before is None, reads=before.reads if before else False)


def _trusted(server: ToolServer, tool: ListedTool) -> None:
    st.markdown(plain(visible(tool.title or tool.name)))
    _ticks(server, tool, trusted=True, reads=server.trusted[tool.name].reads)


def _ticks(server: ToolServer, tool: ListedTool, *, trusted: bool, reads: bool) -> None:
    with st.container(horizontal=True):
        st.checkbox("May be used", trusted, key=_key("trust", server, tool))
        if tool.name == PROMPTS:  # people choose them
            return
        hint = " (the server says so)" if tool.says_reads and tool.name != RESOURCES else ""
        st.checkbox(f"It only reads{hint}: models call it", reads, key=_key("reads", server, tool))


def _save(visit: Visit, server: ToolServer, asked: Sequence[ListedTool], rest: Sequence[ListedTool]) -> None:
    session, servers = Session(), visit.services.tools.servers

    def act() -> str:
        ticked = {tool.name for tool in (*asked, *rest) if session.chosen(_key("trust", server, tool))}
        said = {tool.name: bool(session.chosen(_key("reads", server, tool))) for tool in (*asked, *rest)}
        kept = [tool for tool in rest if said[tool.name] != server.trusted[tool.name].reads]
        for reads in (False, True):
            tools = [tool for tool in (*asked, *kept) if tool.name in ticked and said[tool.name] is reads]
            if tools:
                servers.trust(visit.actor, server.id, tools, reads=reads)
        no_more = [name for name in (*(tool.name for tool in rest), *gone(server)) if name not in ticked]
        if no_more:
            servers.distrust(visit.actor, server.id, no_more)
        return f"{len(ticked)} {'tool' if len(ticked) == 1 else 'tools'} of {plain(server.label)} may be used."

    outcome.of(_DIALOG, act)


def _key(what: str, server: ToolServer, tool: ListedTool) -> str:
    return f"{what}-{server.id}-{tool.fingerprint[:12]}-{tool.name}"


def _lines(tool: ListedTool) -> list[str]:
    schema = json.dumps(tool.schema, indent=2, sort_keys=True)
    return visible(f"{tool.title}\n{tool.description}\nsays that it only reads: {tool.says_reads}\n{schema}").split(
        "\n"
    )
