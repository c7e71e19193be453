"""What every page of one run works with: the services, who is here, and what they prefer."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.preferences import Preferences
from core.services import Services
from data.values.actor import Actor


@dataclass(frozen=True, slots=True)
class Places:
    """The pages, for links between them."""

    chat: st.Page
    compare: st.Page
    models: st.Page
    tools: st.Page
    settings: st.Page
    usage: st.Page
    audit: st.Page | None = None
    """None for those who may not open it; so are all below."""
    admin: st.Page | None = None
    performance: st.Page | None = None
    people: st.Page | None = None
    quality: st.Page | None = None
    explore: st.Page | None = None
    flags: st.Page | None = None
    alerts: st.Page | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """One person's run of one page."""

    services: Services
    actor: Actor
    preferences: Preferences
    places: Places
    top: DeltaGenerator
    """Where notices stand, above the page."""
