"""One event in full."""

from __future__ import annotations

import json
from collections.abc import Mapping

import streamlit as st

from data.values.audit_search import AuditEntry
from pages.audit.view import View
from pages.audit.words import OUTCOMES_EXPLAINED, SURFACES, about, ended, what, who
from pages.moments import zone
from pages.plain import plain


def show(entry: AuditEntry, names: Mapping[str, str]) -> None:
    """Open a dialog with the event."""

    @st.dialog(what(entry.record.action), width="medium")
    def dialog() -> None:
        _facts(entry, names)
        _related(entry)
        with st.expander("As it stands in its chain"):
            st.caption("The SHA-256 of this text is the event's hash, which the next event of the chain names.")
            st.code(entry.record.body, "json", wrap_lines=True)
            st.code(entry.record.hash.hex(), None, wrap_lines=True)

    dialog()


def _facts(entry: AuditEntry, names: Mapping[str, str]) -> None:
    record = entry.record
    said = _said(record.body)
    facts = {
        "When": f"{record.at.astimezone(zone()):%Y-%m-%d %H:%M:%S.%f %Z}",
        "Who": _with_id(who(record.actor_id, names), record.actor_id),
        "About": _with_id(about(record.target, names), record.target),
        "Ended": f"{ended(entry.outcome)}{OUTCOMES_EXPLAINED.get(entry.outcome, '')}",
        "Came in by": SURFACES.get(record.surface, record.surface),
        "From": entry.address,
        "Session": str(said.get("session") or ""),
        "Request": record.request_id,
        "Operation": record.operation,
        "Event": f"{record.seq} of chain {record.chain_id}",
    }
    details = said.get("details")
    if isinstance(details, dict):
        facts |= {str(name).replace("_", " ").capitalize(): str(value) for name, value in details.items()}
    st.table({plain(name): plain(value) for name, value in facts.items() if value}, border="horizontal")


def _related(entry: AuditEntry) -> None:
    record = entry.record
    links = (
        ("Same operation", record.operation),
        ("Same request", record.request_id),
        ("Same target", record.target),
        ("Same person", record.actor_id),
    )
    with st.container(horizontal=True):
        for label, text in links:
            if text:
                st.button(label, on_click=View().search, args=(text,), icon=":material/search:")


def _with_id(words: str, identifier: str) -> str:
    return words if words == identifier or not identifier else f"{words} ({identifier})"


def _said(body: str) -> dict[str, object]:
    try:
        said = json.loads(body)
    except ValueError:
        return {}  # somebody changed the row; what is left of it is below
    return said if isinstance(said, dict) else {}
