"""One tool from near: what it takes, what it does, and a form to try it out."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as StillRunning
from typing import Any

import streamlit as st

from core.access.policy import Permission, granted
from core.clock import utc_now
from core.errors import GearboxError
from core.tools.shelf import ToolCard
from core.tools.tool import ToolContext, ToolResult
from pages.moments import ago
from pages.plain import plain
from pages.tools import inputs, resources, results, rules
from pages.tools.fields import arguments, fields_of
from pages.tools.words import EFFECTS, RULES, standing, visible
from pages.visit import Visit


def dialog(visit: Visit, card: ToolCard) -> None:
    """Open the dialog of a tool."""

    @st.dialog(plain(card.tool.title), width="large")
    def opened() -> None:
        _about(card)
        if granted(visit.actor, Permission.MANAGE_TOOLS):
            rules.draw(visit, card)
        if card.is_usable:
            _form(visit, card)
        elif not card.is_on:
            st.info("An admin has turned this tool off for everyone.", icon=":material/block:")

    opened()


def _about(card: ToolCard) -> None:
    tool = card.tool
    st.text(visible(tool.description))
    cost = f" It costs something: {plain(tool.cost)}." if tool.cost else ""
    st.caption(f"{EFFECTS[tool.effect][1]} {RULES[card.rule]}{cost} Models call it `{tool.name}`.")
    if how := standing(card.standing):
        st.caption(f":material/speed: The last {how}, since Gearbox was started.")
    if card.standing and card.standing.error and card.standing.error_at:
        st.caption(
            f":material/error: Failed last {ago(card.standing.error_at, utc_now())}: {plain(card.standing.error)}"
        )


def _form(visit: Visit, card: ToolCard) -> None:
    try:
        with st.spinner("Asking the server"):
            contents = visit.services.tools.contents.resources(visit.actor, card.tool.name)
    except GearboxError as error:
        st.error(plain(error.explain()), icon=":material/error:")
        return
    if contents is None:
        _try(visit, card)
        return
    uri = resources.choose(card, contents)
    if uri is not None:
        _said(lambda: resources.offer(uri, _run(visit, card, {"uri": uri})))


def _try(visit: Visit, card: ToolCard) -> None:
    fields = fields_of(card.tool.schema)
    with st.form(f"try-{card.tool.name}", border=True):
        st.markdown("**Try it out**" if fields else "**Try it out**: it takes nothing.")
        filled = {field.name: inputs.draw(f"try-{card.tool.name}", field) for field in fields}
        if card.asks_first:
            st.caption(":material/warning: This run is real. What you enter goes to the tool.")
        pressed = st.form_submit_button("Allow and run" if card.asks_first else "Run", type="primary")
    if pressed:
        _said(lambda: _run(visit, card, arguments(fields, filled)))


def _said(act: Callable[[], object]) -> None:
    try:
        act()
    except GearboxError as error:
        st.error(plain(error.explain()), icon=":material/error:")


def _run(visit: Visit, card: ToolCard, given: dict[str, Any]) -> ToolResult:
    kept, lines = results.Kept(), list[str]()
    context = ToolContext(visit.actor, progress=lines.append, keep=kept.keep)
    running = visit.services.tools.shelf.try_out(visit.actor, card.tool.name, given, context, agreed=True)
    try:
        with st.status("Running", expanded=False) as status:
            result = _waited(running, lines, status)
            status.update(label="Failed" if result.failed else "Done", state="error" if result.failed else "complete")
            st.code(json.dumps(given, indent=2, ensure_ascii=False), language="json")
    finally:
        running.cancel()  # the page may have been left meanwhile
    results.draw(result, kept)
    return result


def _waited(running: Future[ToolResult], lines: list[str], status: Any) -> ToolResult:
    shown = 0
    while True:
        try:
            return running.result(0.2)
        except StillRunning:
            if running.done():
                raise GearboxError("The tool ended without an answer.") from None
        except GearboxError:
            status.update(label="Failed", state="error")
            raise
        if len(lines) > shown:
            shown = len(lines)
            status.update(label=f"Running: {plain(lines[-1])}")
