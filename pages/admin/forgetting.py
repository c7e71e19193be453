"""Forgetting a person: asked before, and shown what was deleted after."""

from __future__ import annotations

import streamlit as st

from core.access.policy import Permission, granted
from core.errors import GearboxError
from data.values.people import Person
from data.values.retention import ForgetReceipt
from pages.admin import receipts
from pages.plain import plain
from pages.visit import Visit


def dialog(visit: Visit, person: Person) -> None:
    """Open the question; it turns into the receipt when the person agrees."""
    done: list[ForgetReceipt] = []

    @st.dialog(f"Forget {plain(person.display_name)}?", on_dismiss="rerun")
    def opened() -> None:
        place = st.container()
        if not done:
            _ask(visit, person, done)
        if done:
            with place:
                _told(visit, done[0])

    opened()


def _ask(visit: Visit, person: Person, done: list[ForgetReceipt]) -> None:
    question = st.empty()
    with question.container():
        st.markdown(
            "Their name, email, conversations and keys are deleted, and can't be brought back. What they did stays in "
            "the audit log under an id that nothing leads from any more."
        )
        refusal = st.empty()
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Cancel"):
                st.rerun()
            agreed = st.button("Forget them", type="primary", key="for-good")
    if not agreed:
        return
    try:
        done.append(visit.services.people.forget(visit.actor, person.id))
    except GearboxError as error:
        refusal.error(plain(error.explain()), icon=":material/error:")
        return
    question.empty()


def _told(visit: Visit, kept: ForgetReceipt) -> None:
    st.success("They are forgotten. This is the receipt.", icon=":material/check_circle:")
    may_see = granted(visit.actor, Permission.MANAGE_RETENTION)
    if may_see:
        receipt = visit.services.retention.receipts.find(visit.actor, kept.id)
        with st.container(border=True, gap=None, key="receipt"):
            for line in receipts.facts(receipt, {visit.actor.user_id: "you"}):
                st.caption(line)
    st.caption("It is kept on the Data tab." if may_see else f"Its number is `{kept.id}`.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if may_see:
            receipts.download(receipt)
        if st.button("Done", type="primary", key="agreed"):
            st.rerun()
