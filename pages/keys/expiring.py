"""Warnings of keys that expire: a banner in the settings, a chip above the chat."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from data.values.expiry import ExpiryLevel, ExpiryWarning
from pages.keys import said
from pages.plain import plain
from pages.visit import Visit
from pages.widget_keys import Keys


def banner(visit: Visit) -> None:
    """One line for each, the most urgent first."""
    warnings = visit.services.keys.warnings(visit.actor)
    if not warnings:
        return
    said_of_each = [f"The key of **{plain(each.label)}** {_said(each)}" for each in warnings]
    lines = said_of_each[0] if len(warnings) == 1 else "\n".join(f"- {line}" for line in said_of_each)
    urgent = any(each.level is not ExpiryLevel.MONTH for each in warnings)
    (st.warning if urgent else st.info)(lines, icon=":material/schedule:")


def chip(visit: Visit) -> None:
    """The most urgent of them, as a link to where keys are rotated."""
    warnings = visit.services.keys.warnings(visit.actor)
    if not warnings:
        return
    with st.container(key=Keys.EXPIRING, width="content"):
        st.page_link(visit.places.settings, label=_short(warnings), icon=":material/key_vertical:", help="Settings")


def _short(warnings: Sequence[ExpiryWarning]) -> str:
    more = f" and {len(warnings) - 1} more" if len(warnings) > 1 else ""
    return f"{plain(warnings[0].label)} key {said.left(warnings[0])}{more}"


def _said(warning: ExpiryWarning) -> str:
    if warning.level is ExpiryLevel.EXPIRED:
        return "has expired and is not sent. Rotate it, or give it a later date if the provider still takes it."
    return f"{said.left(warning)}. Rotate it before then."
