"""The Models page: every model there is, and which of them the person can use."""

from __future__ import annotations

import streamlit as st

from pages import heading
from pages.models import adding, compare, details, filters, listing
from pages.models.view import View
from pages.visit import Visit


def render(visit: Visit) -> None:
    """One run of the page."""
    View().show_address()
    heading.draw(visit, "Models")
    address = View().address
    if address.opened:
        details.draw(visit, address)
    elif address.comparing:
        compare.draw(visit, address)
    else:
        _browse(visit)


@st.fragment
def _browse(visit: Visit) -> None:
    """The list alone runs anew while somebody types."""
    filters.draw(visit, lambda: adding.button(visit))
    listing.draw(visit)
    compare.bar(View().address)
