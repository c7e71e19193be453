"""API tokens: how the person's own programs come in."""

from __future__ import annotations

from datetime import datetime, timedelta

import streamlit as st

from core.access.policy import Permission, granted
from core.clock import utc_now
from core.errors import GearboxError
from data.values.people import ApiToken
from pages.asking import ask
from pages.moments import ago, day
from pages.plain import plain
from pages.visit import Visit

SCOPES = {
    Permission.CHAT: "Ask models",
    Permission.SEE_OWN_USAGE: "See own usage",
    Permission.MANAGE_OWN_KEYS: "Manage own keys",
    Permission.MANAGE_OWN_TOKENS: "Manage own tokens",
    Permission.MANAGE_OWN_SESSIONS: "Manage own sessions",
    Permission.SEE_ALL_USAGE: "See everybody's usage",
    Permission.SEE_PEOPLE: "See who people are in numbers",
    Permission.MANAGE_SHARED_KEYS: "Manage shared keys",
    Permission.MANAGE_PEOPLE: "Manage people",
    Permission.MANAGE_VAULT: "Manage the vault",
    Permission.MANAGE_MODELS: "Add models, and turn them off",
    Permission.MANAGE_TOOLS: "Add servers of tools, and turn tools off",
    Permission.MANAGE_FLAGS: "Turn features on and off",
    Permission.MANAGE_BUDGETS: "Set budgets",
    Permission.MANAGE_REPORTS: "Set up weekly reports",
    Permission.MANAGE_ALERTS: "See alerts, and set them up",
    Permission.MANAGE_WORKSPACE: "Announce, and work during maintenance",
    Permission.MANAGE_RETENTION: "Set retention, place and release legal holds",
    Permission.SEE_METRICS: "Read metrics, for monitoring",
    Permission.SEE_AUDIT: "Read the audit log",
    Permission.EXPORT_EVIDENCE: "Export evidence",
}
"""What a token may be allowed to do, in the words of the form."""
_LASTS = {
    "30 days": timedelta(days=30),
    "90 days": timedelta(days=90),
    "1 year": timedelta(days=365),
    "No end": None,
}


def draw(visit: Visit) -> None:
    """Draw a line for each token that is good, and the way to a new one."""
    st.subheader("API tokens", anchor=False)
    now = utc_now()
    for token in visit.services.tokens.list(visit.actor):
        if token.revoked_at is None:
            line(visit, token, now)
    st.caption("For programs of yours that call Gearbox. A token can do no more than you can, and only what it is for.")
    if st.button("New token", icon=":material/add:"):
        _create_dialog(visit)


def line(visit: Visit, token: ApiToken, now: datetime) -> None:
    """Draw a token and the button that revokes it."""
    over = " :red-badge[expired]" if token.expires_at is not None and token.expires_at <= now else ""
    with (
        st.container(border=True, key=f"token-{token.id}"),
        st.container(horizontal=True, vertical_alignment="center"),
    ):
        with st.container(gap=None):
            st.markdown(f":material/vpn_key: **{plain(token.name)}** `gbx_…{token.last4}`{over}")
            st.caption(_facts(token, now))
        if st.button("Revoke", key=f"revoke-{token.id}"):
            ask(
                f"Revoke {plain(token.name)}?",
                "Programs that use it are refused within seconds.",
                yes="Revoke it",
                act=lambda: visit.services.tokens.revoke(visit.actor, token.id),
            )


def _facts(token: ApiToken, now: datetime) -> str:
    scopes = ", ".join(words.lower() for scope, words in SCOPES.items() if scope.value in token.scopes)
    used = f"last used {ago(token.last_used_at, now)}" if token.last_used_at else "never used"
    ends = f"until {day(token.expires_at)}" if token.expires_at else "no end"
    return f"{scopes[:1].upper()}{scopes[1:]} · {used} · {ends}"


@st.dialog("New API token", on_dismiss="rerun")
def _create_dialog(visit: Visit) -> None:
    # gearbox.css hides the form once the secret is there. To put one in the other's place (st.empty) leaves the window
    # empty now and then, and the secret can't be shown again.
    with st.container(key="token-form"), st.form("token", border=False):
        name = st.text_input("Name", placeholder="Nightly report", max_chars=100)
        scopes = st.multiselect(
            "It may",
            [scope for scope in SCOPES if granted(visit.actor, scope)],
            default=[Permission.CHAT],
            format_func=SCOPES.__getitem__,
        )
        lasts = st.selectbox("It ends after", list(_LASTS), index=1)
        refusal = st.empty()
        if not st.form_submit_button("Create", type="primary"):
            return
        length = _LASTS[lasts]
        try:
            token, secret = visit.services.tokens.create(
                visit.actor, name, scopes, utc_now() + length if length else None
            )
        except GearboxError as error:
            refusal.error(error.explain(), icon=":material/error:")
            return
    with st.container(key="token-ready"):
        _show_once(token, secret)


def _show_once(token: ApiToken, secret: str) -> None:
    """The secret is on this one drawing only: no session state, no next run has it."""
    st.success(f"**{plain(token.name)}** is ready. Copy it now: it is shown this once.", icon=":material/check_circle:")
    st.code(secret, None, wrap_lines=True)
    st.caption("Send it as `Authorization: Bearer …`. Close this window when you have it.")
