"""A new flag."""

from __future__ import annotations

import json
import uuid
from datetime import date

import streamlit as st
from pydantic import JsonValue

from core.errors import GearboxError
from data.values.flags import Flag, FlagKind
from pages.flags.acting import tried
from pages.visit import Visit
from pages.widget_keys import Keys

_KINDS = {
    FlagKind.BOOLEAN: ("On or off", {"on": True, "off": False}),
    FlagKind.STRING: ("Text", {"new": "new", "old": "old"}),
    FlagKind.NUMBER: ("Number", {"large": 10, "small": 1}),
    FlagKind.JSON: ("JSON", {"new": {"limit": 10}, "old": {}}),
}


_VALUES = {
    FlagKind.STRING: "a text in double quotes",
    FlagKind.NUMBER: "a number such as 10 or 0.5",
    FlagKind.JSON: "an object or a list",
}


def dialog(visit: Visit) -> None:
    """Open the form for a new one: it begins off for everybody."""

    @st.dialog("New flag", width="medium")
    def opened() -> None:
        st.caption("Code asks for it through OpenFeature. It begins with its off variant for everybody.")
        key = st.text_input("Key", placeholder="new-search", max_chars=64, key=Keys.FLAG_KEY)
        kind = st.segmented_control(
            "Kind", list(_KINDS), default=FlagKind.BOOLEAN, format_func=lambda each: _KINDS[each][0], required=True,
            key=Keys.FLAG_KIND,
        )  # fmt: skip
        usual = json.dumps(_KINDS[kind][1], indent=2)
        text = usual
        if kind is not FlagKind.BOOLEAN:
            text = st.text_area(
                "Variants",
                usual,
                key=f"{Keys.FLAG_VARIANTS}-{kind}",
                help=f"A JSON object of names with their values, here {_VALUES[kind]}. Rules and history show the "
                "names. The last one is what everybody has while the flag is off.",
            )
        description = st.text_input("Description", max_chars=2000, key=Keys.FLAG_DESCRIPTION)
        owner = st.text_input("Owner", max_chars=200, key=Keys.FLAG_OWNER)
        expires = st.date_input("Expected end", None, key=Keys.FLAG_EXPIRES)
        refusal = st.empty()
        if not st.button("Make it", type="primary"):
            return

        def act() -> object:
            variants = variants_of(text)
            off = list(variants)[-1]
            made = Flag(
                key.strip(), kind, variants, off, off, salt=uuid.uuid4().hex[:16], description=description,
                owner=owner, expires_on=day_of(expires),
            )  # fmt: skip
            return visit.services.flag_parts.admin.save(visit.actor, made)

        if tried(act, refusal, "The flag is made. Open it to add rules."):
            st.rerun()

    opened()


def variants_of(text: str) -> dict[str, JsonValue]:
    """Variants as somebody wrote them. Raises GearboxError."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not found:
        raise GearboxError("The variants are no JSON object.", 'Write names with values: {"new": 10, "old": 1}.')
    return found


def day_of(chosen: object) -> date | None:
    """A day, where one was chosen."""
    return chosen if isinstance(chosen, date) else None
