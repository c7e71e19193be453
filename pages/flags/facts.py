"""What a flag is, beside its rules: who answers for it, what it needs, its variants, and when it should be gone."""

from __future__ import annotations

import json
from dataclasses import replace

import streamlit as st

from data.values.flags import Flag, FlagState, Prerequisite, Unit
from pages import outcome
from pages.flags import making, words
from pages.flags.acting import PLACE, asked
from pages.flags.words import Names
from pages.plain import plain
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys


def draw(visit: Visit, flag: Flag, names: Names) -> None:
    """Draw the form."""
    del names
    admin = visit.services.flag_parts.admin
    is_own = admin.is_own(visit.actor, flag.key)
    others = [each for each in admin.list(visit.actor) if each.key != flag.key]
    needs = [(each.key, variant) for each in others for variant in each.variants]
    variants, units = list(flag.variants), list(admin.units(visit.actor, flag.key))
    with st.form("flag-facts", border=False):
        st.text_area("Description", flag.description, max_chars=2000, key=_key(flag, Keys.FLAG_DESCRIPTION))
        left, right = st.columns(2)
        with left:
            st.text_input("Owner", flag.owner, max_chars=200, key=_key(flag, Keys.FLAG_OWNER))
            st.selectbox(
                "Divided by", units, units.index(flag.unit), format_func=words.UNITS.__getitem__,
                key=_key(flag, Keys.FLAG_UNIT), help="Another unit puts everybody into other groups.",
            )  # fmt: skip
        with right:
            st.selectbox(
                "Where no rule holds", variants, variants.index(flag.default), key=_key(flag, Keys.FLAG_VARIANT)
            )
            st.date_input("Expected end", flag.expires_on, key=_key(flag, Keys.FLAG_EXPIRES))
        st.multiselect(
            "Prerequisites", needs, [(each.flag, each.variant) for each in flag.prerequisites],
            format_func=lambda each: f"{each[0]} is {each[1]}", key=_key(flag, Keys.FLAG_NEEDS), placeholder="None",
        )  # fmt: skip
        if not is_own:
            st.text_area(
                "Variants, as JSON", json.dumps(dict(flag.variants), indent=2, ensure_ascii=False),
                key=_key(flag, Keys.FLAG_VARIANTS),
            )  # fmt: skip
        st.text_input("Why", max_chars=500, key=_key(flag, Keys.FLAG_WHY), help="It stays in the history.")
        st.form_submit_button("Save", type="primary", on_click=_save, args=(visit, flag, is_own))
    if not is_own and st.button("Remove this flag", icon=":material/delete:"):
        asked(
            f"Remove {plain(flag.key)}?",
            "Programs that ask for it get their own default. Its history stays, and a revert brings it back.",
            yes="Remove it",
            act=lambda why: admin.set_state(visit.actor, flag.key, FlagState.REMOVED, why),
            done="It is removed.",
        )


def _save(visit: Visit, flag: Flag, is_own: bool) -> None:
    chosen = Session().chosen

    def act() -> str:
        needs = chosen(_key(flag, Keys.FLAG_NEEDS))
        assert isinstance(needs, list)
        changed = replace(
            flag,
            description=str(chosen(_key(flag, Keys.FLAG_DESCRIPTION)) or ""),
            owner=str(chosen(_key(flag, Keys.FLAG_OWNER)) or ""),
            unit=Unit(str(chosen(_key(flag, Keys.FLAG_UNIT)))),
            default=str(chosen(_key(flag, Keys.FLAG_VARIANT))),
            expires_on=making.day_of(chosen(_key(flag, Keys.FLAG_EXPIRES))),
            prerequisites=tuple(Prerequisite(*each) for each in needs),
        )
        if not is_own:
            changed = replace(changed, variants=making.variants_of(str(chosen(_key(flag, Keys.FLAG_VARIANTS)))))
        why = str(chosen(_key(flag, Keys.FLAG_WHY)) or "")
        visit.services.flag_parts.admin.save(visit.actor, changed, why)
        return "Saved."

    outcome.of(PLACE, act)


def _key(flag: Flag, key: str) -> str:
    """Another one for each version: what somebody else saved meanwhile is shown."""
    return f"{key}-{flag.key}-{flag.version}"
