"""The sign-in gate of the pages: who this run is for, and what a person sees who is not signed in."""

from __future__ import annotations

import streamlit as st

from core.access.arrival import IDENTITY_COOKIE, Arrival
from core.errors import GearboxError
from core.services import Services
from data.values.actor import Actor
from pages import banners, look
from pages.identity import IdentityCookies
from pages.page_sessions import page_session
from pages.widget_keys import Keys


def admit(services: Services) -> Actor:
    """The person whom this run is for, who from now on may open what it shows.

    Raises:
        SignedOut: nobody is signed in here, or not any more.
        AccessRefused: the page was opened by somebody else.
    """
    actor = services.sign_in.admit(_arrival(services))
    services.holdings.bind(page_session(), actor.user_id, actor.session_id)
    return actor


def draw(services: Services, refusal: GearboxError) -> None:
    """The page of whoever may not come in: why, and the way to sign in."""
    services.holdings.bind(page_session(), "")
    look.apply(with_sidebar=False)
    banners.draw_for_anybody(services)
    with st.container(key=Keys.SIGN_IN, horizontal_alignment="center"):
        st.title("Gearbox", text_alignment="center", anchor=False)
        if services.sign_in.mode == "oidc":
            came_back = IDENTITY_COOKIE in st.context.cookies
            st.caption(str(refusal) if came_back else "Use your account at work.", text_alignment="center")
            st.button("Sign in", type="primary", on_click=st.login)
        else:
            st.caption(refusal.explain(), text_alignment="center")
            # A run of this page would come with what it was opened with: only a new one brings who is signed in now.
            st.html('<a href="./">Open Gearbox anew</a>', width="content")


def sign_out_button(services: Services) -> None:
    """A way out, where signing in is Gearbox's business."""
    if services.sign_in.mode == "oidc":
        st.sidebar.button("Sign out", icon=":material/logout:", type="tertiary", on_click=st.logout)


def _arrival(services: Services) -> Arrival:
    cookies = st.context.cookies.to_dict()
    headers = {name.lower(): value for name, value in st.context.headers.to_dict().items()}
    return Arrival(
        cookies=cookies,
        headers=headers,
        address=st.context.ip_address or "127.0.0.1",  # Streamlit leaves loopback out
        user_agent=headers.get("user-agent", ""),
        claims=IdentityCookies(services.settings)(cookies),
    )
