"""Settings, behind the gear: what answers, with which keys, how the chat behaves, who comes in as you, your usage."""

from __future__ import annotations

import streamlit as st

from pages import heading
from pages.keys import expiring, sealing
from pages.settings import (
    adding,
    behaviour,
    connections,
    default_model,
    model_choice,
    my_usage,
    passphrase,
    sessions,
    tokens,
)
from pages.visit import Visit
from pages.widget_keys import Keys


def render(visit: Visit) -> None:
    """One run of the page."""
    heading.draw(visit, "Settings")
    expiring.banner(visit)
    general, security, usage = st.tabs(["General", "Security", "My usage"], key=Keys.TAB, bind="query-params")
    if general.open:
        with general:
            sealing.banner(visit)
            default_model.draw(visit)
            connections.draw(visit)
            adding.draw(visit)
            behaviour.draw(visit)
            model_choice.draw(visit)
    if security.open:
        with security:
            passphrase.draw(visit)
            sessions.draw(visit)
            tokens.draw(visit)
    if usage.open:
        with usage:
            my_usage.draw(visit)
