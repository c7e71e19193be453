"""The list of tools: what each does, how its last calls went, and the way to try it out."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from core.access.policy import Permission, granted
from core.flags.capabilities import Capability
from core.tools.shelf import OWN, ToolCard
from pages import outcome
from pages.plain import plain
from pages.tools import prompts, trying
from pages.tools.words import badge, shortened, standing
from pages.visit import Visit
from pages.widget_keys import Keys

_PLACE = "tools"


def draw(visit: Visit) -> None:
    """Draw all tools of the person, by whose they are."""
    manages = granted(visit.actor, Permission.MANAGE_TOOLS)
    cards = [card for card in visit.services.tools.shelf.cards(visit.actor) if card.is_usable or manages]
    st.caption(
        "What models can do for you besides answering. What works here or reads, they call by themselves when they "
        "need it. Before something goes out or changes things, you are asked."
    )
    outcome.say(_PLACE)
    for origin, group in groupby(cards, key=lambda card: card.origin):
        st.subheader("Built in" if origin == OWN else plain(origin), anchor=False)
        with st.container(key=f"{Keys.TOOL_ROWS}-{origin}", gap="small"):
            for card in group:
                _row(visit, card, manages=manages)
    _prompts(visit)
    if all(card.origin == OWN for card in cards) and visit.services.flags.is_on(visit.actor, Capability.MCP):
        _more(manages=manages)


def _row(visit: Visit, card: ToolCard, *, manages: bool) -> None:
    tool = card.tool
    with st.container(border=True, key=f"tool-{tool.name}"), st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            off = "" if card.is_usable else f" :red-badge[{'not for you' if card.is_on else 'off for everyone'}]"
            st.markdown(f"**{plain(tool.title.removesuffix(f' ({card.origin})'))}** {badge(tool.effect)}{off}")
            st.caption(plain(shortened(tool.description)))
            if how := standing(card.standing):
                st.caption(f":material/speed: {how}")
        if st.button("Open", key=f"open-tool-{tool.name}", type="tertiary"):
            trying.dialog(visit, card)
        if manages:
            st.toggle(
                f"{tool.title} for everyone",
                card.is_on,
                key=f"tool-on-{tool.name}-{card.is_on}",
                label_visibility="collapsed",
                help="Off: no model calls it, and nobody can try it out.",
                on_change=_turn,
                args=(visit, card),
            )


def _prompts(visit: Visit) -> None:
    servers = visit.services.tools.contents.with_prompts(visit.actor)
    if not servers:
        return
    st.subheader("Prompts", anchor=False)
    with st.container(key=f"{Keys.TOOL_ROWS}-{Keys.PROMPT}", gap="small"):
        for server in servers:
            with (
                st.container(border=True, key=f"prompts-{server.id}"),
                st.container(horizontal=True, vertical_alignment="center"),
            ):
                with st.container(gap=None):
                    st.markdown(f"**{plain(server.label)}** :gray-badge[you choose]")
                    st.caption("Words to begin with. They fill the field of the chat, where you read and change them.")
                if st.button("Open", key=f"open-prompts-{server.id}", type="tertiary"):
                    prompts.dialog(visit, server)


def _turn(visit: Visit, card: ToolCard) -> None:
    def act() -> str:
        visit.services.tools.shelf.turn(visit.actor, card.tool.name, on=not card.is_on)
        return f"{plain(card.tool.title)} is {'off' if card.is_on else 'on'} for everyone."

    outcome.of(_PLACE, act)


def _more(*, manages: bool) -> None:
    with st.container(border=True):
        st.markdown(":material/add_box: **More tools come from servers**")
        if manages:
            st.caption(
                "An MCP server brings tools of its own: a code host, a wiki, a database. Add one under Servers, by "
                "its address or as a program that Gearbox starts."
            )
        else:
            st.caption("An admin can add servers that bring tools of their own: a code host, a wiki, a database.")
