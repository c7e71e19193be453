"""What a flag does: calls of those who came to each variant, beside each other."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.errors import GearboxError
from data.analytics.flag_effect import VariantEffect
from data.values.flags import Flag
from pages.figures import beginning
from pages.flags import words
from pages.flags.words import Names
from pages.usage_words import duration
from pages.visit import Visit
from pages.widget_keys import Keys

_DAYS = {1: "1 day", 7: "7 days", 30: "30 days"}
_GROUPS = {"treated": "Treated", "control": "Control", "": "By a rule, or the default"}


def draw(visit: Visit, flag: Flag, names: Names) -> None:
    """Draw a row for each variant."""
    del names
    days = st.segmented_control(
        "Period", list(_DAYS), default=7, format_func=_DAYS.__getitem__, key=Keys.FLAG_DAYS, required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    try:
        found = visit.services.flag_parts.effects.of(visit.actor, flag, int(days))
    except GearboxError as error:
        beginning.refused(error)
        return
    if not found:
        st.caption(
            "Nobody came to it yet. A flag leaves exposures where it has rules, once a day for each of its "
            f"{words.UNITS[flag.unit]} and variant."
        )
        return
    st.dataframe(_table(flag, found), hide_index=True)
    st.caption(
        "A call counts for the variant that was seen last before it. These are numbers beside each other, not a proof: "
        "with few calls chance alone makes them differ."
    )


def _table(flag: Flag, found: Sequence[VariantEffect]) -> dict[str, list[object]]:
    return {
        "Group": [_GROUPS.get(each.arm, each.arm) for each in found],
        "Variant": [each.variant for each in found],
        words.UNITS[flag.unit].capitalize(): [each.units for each in found],
        "Calls": [each.calls for each in found],
        "Failed": [_percent(each.failed, each.calls) for each in found],
        "Median time": [duration(each.latency_ms) for each in found],
        "Cost a call": ["–" if each.cost is None else f"${each.cost:.4f}" for each in found],
        "Thumbs down": [_percent(each.thumbs_down, each.thumbs) for each in found],
    }


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "–"
