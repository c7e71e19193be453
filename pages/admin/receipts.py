"""Receipts: proof of what was destroyed, to look at and to take along."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.retention.receipts import SHOWN, Receipt, as_json, counted
from pages.audit.words import who as named
from pages.moments import minute
from pages.plain import plain
from pages.visit import Visit

_AT_FIRST = 10
_USAGE = {"anonymise": "made nobody's", "remove": "removed"}


def draw(visit: Visit) -> None:
    """Draw the part."""
    st.space("small")
    st.subheader("Receipts", anchor=False)
    st.caption("What was destroyed, when, and by which rule or person; who was forgotten only by an id.")
    found = visit.services.retention.receipts.list(visit.actor)
    if found.trouble:
        st.warning(f"Receipts of usage can't be read now. {plain(found.trouble)}", icon=":material/warning:")
    if not found.receipts and not found.trouble:
        with st.container(border=True, key="no-receipts"):
            st.caption(":material/receipt_long: Nothing was destroyed yet.")
    names = {person.id: person.display_name for person in visit.services.people.list(visit.actor)}
    teams = {team.id: team.name for team in visit.services.teams.list(visit.actor)}
    for receipt in found.receipts[:_AT_FIRST]:
        _receipt(receipt, names, teams)
    if rest := found.receipts[_AT_FIRST:]:
        with st.expander(f"{len(rest)} more"):
            for receipt in rest:
                _receipt(receipt, names, teams)
    if len(found.receipts) == SHOWN:
        st.caption(f"The newest {SHOWN}; `python -m core warehouse receipts` lists all of usage.")


def _receipt(receipt: Receipt, names: Mapping[str, str], teams: Mapping[str, str]) -> None:
    with (
        st.container(border=True, key=f"receipt-{receipt.id}"),
        st.container(horizontal=True, vertical_alignment="center"),
    ):
        with st.container(gap=None):
            st.markdown(_title(receipt, teams))
            for line in facts(receipt, names):
                st.caption(line)
        download(receipt, type_="tertiary")


def _title(receipt: Receipt, teams: Mapping[str, str]) -> str:
    if receipt.person_id is not None:
        return f":material/person_cancel: **A person was forgotten** `{receipt.person_id[:12]}`"
    whose = f" of {plain(teams.get(receipt.team_id, 'a team that is gone'))}" if receipt.team_id else ""
    return f":material/auto_delete: **Rows older than {plain(receipt.policy)}**{whose}"


def facts(receipt: Receipt, names: Mapping[str, str]) -> list[str]:
    """What a receipt says, a line each, in Markdown of ours; `names` are of people, by their ids."""
    by = "" if receipt.by is None else f", by {plain(named(receipt.by, names))}"
    told = [f"{minute(receipt.at)}{by}"]
    if receipt.removed:
        told.append(f"Deleted: {plain(counted(receipt.removed))}")
    if receipt.person_id is None:
        return [*told, plain(counted(receipt.rows or {})) or "No rows"]
    done = _USAGE.get(receipt.policy, plain(receipt.policy))
    if receipt.rows is None:
        told.append(f"Usage: waits to be {done}")
    else:
        told.append(f"Usage, {done}: {plain(counted(receipt.rows)) or 'no rows'}")
    if receipt.proof is not None:
        signed = receipt.proof.checkpoint
        by = f"signed by checkpoint {signed:,}" if signed is not None else "to be signed within a minute"
        told.append(f"Audit log: event {receipt.proof.seq:,} of chain `{receipt.proof.chain_id[:8]}`, {by}")
    return told


def download(receipt: Receipt, *, type_: str = "secondary") -> None:
    """The button that gives it as a file."""
    st.download_button(
        "JSON",
        as_json(receipt),
        f"gearbox-receipt-{receipt.id[:8]}.json",
        "application/json",
        key=f"download-{receipt.id}",
        type="tertiary" if type_ == "tertiary" else "secondary",
        icon=":material/download:",
        on_click="ignore",
    )
