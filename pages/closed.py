"""What people see while maintenance keeps them out: why, and until when. It goes by itself when that is over."""

from __future__ import annotations

import streamlit as st

from core.clock import utc_now
from core.services import Services
from data.values.actor import Actor
from data.values.notices import Maintenance
from pages import held
from pages.notice_words import in_markdown, until_when
from pages.session import Session
from pages.widget_keys import Keys

_CHECKED_S = 2.0


def draw(services: Services, actor: Actor) -> None:
    """Draw it, until it is over."""
    with st.container(key=Keys.CLOSED, horizontal_alignment="center"):
        _until_over(services, actor)


@st.fragment(run_every=_CHECKED_S)
def _until_over(services: Services, actor: Actor) -> None:
    maintenance = services.workspace.notices.keeping_out(actor)
    if maintenance is None:
        held.explain("This was not sent, as maintenance was on. Send it now.")
        st.rerun()  # of the whole script: it draws the page that the address names
    _words(maintenance)
    if text := Session().beginning:
        st.caption("What you wrote is kept, and stands in its field when this is over:")
        st.code(text, language=None, wrap_lines=True)


def _words(maintenance: Maintenance) -> None:
    st.title("Back soon", text_alignment="center", anchor=False)
    if maintenance.words:
        st.markdown(in_markdown(maintenance.words), text_alignment="center")
    now = utc_now()
    st.markdown(f"Maintenance is on{until_when(maintenance, now)}.", text_alignment="center")
    st.caption(
        "Answers that are being written are finished and kept. This page goes on by itself.", text_alignment="center"
    )
