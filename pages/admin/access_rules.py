"""Which models and tools everybody, a team or a person may use: the dialog that says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import streamlit as st

from core.access.access_rules import Effect, Usable
from core.errors import GearboxError
from data.values.access_rules import Layer, Lists, RuleOwner, Thing, unmatched
from pages import outcome
from pages.plain import plain
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

_DIALOG = "access-rules"
_SHOWN = 60
_HOW = {
    RuleOwner.ORGANISATION: "Nobody goes beyond this, whatever the rule of their team or their own says.",
    RuleOwner.TEAM: "The rules of several teams add up; a team without one says nothing. Everybody's rule bounds them.",
    RuleOwner.USER: "This takes the place of their teams' rules. Everybody's rule bounds it.",
}
_TITLES = {Thing.MODELS: "Models", Thing.TOOLS: "Tools"}
_EXAMPLES = {Thing.MODELS: "openai/gpt-4o or openai/*", Thing.TOOLS: "calculator or github__*"}


class _Mode(StrEnum):
    """What is said of models, or of tools."""

    NO_RULE = "no rule"
    ONLY = "only"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose rules the dialog is about; `name` is theirs, `place` where it is said what was done."""

    owner: RuleOwner
    owner_id: str
    name: str
    place: str


@st.dialog("Models and tools", width="medium", on_dismiss="rerun")
def dialog(visit: Visit, whose: Whose) -> None:
    """Show what holds, take what is to hold, and ask where that takes something away."""
    rules = visit.services.access_rules
    st.markdown(f"What **{plain(whose.name)}** may use. {_HOW[whose.owner]}")
    if whose.owner is RuleOwner.USER:
        _now(visit, whose)
    kept = rules.of(visit.actor, whose.owner, whose.owner_id)
    for thing in Thing:
        _fields(visit, whose, thing, kept)
    asked = Session().chosen(Keys.ACCESS_ASKED)
    if isinstance(asked, tuple) and asked[:2] == (whose, _entered(whose, kept)):
        _question(visit, whose, kept, asked[2])
    else:
        st.button("Save", type="primary", on_click=_save, args=(visit, whose, kept))
    outcome.close(_DIALOG, then=whose.place)


def badge(lists: Lists | None) -> str:
    """That somebody has rules of their own; empty where they have none."""
    said = [_short(thing, lists.of(thing)) for thing in Thing] if lists is not None else []
    known = ", ".join(filter(None, said))
    return f":gray-badge[:material/rule: {known}]" if known else ""


def _short(thing: Thing, entries: Sequence[str] | None) -> str:
    if entries is None:
        return ""
    return f"{thing.value} limited" if entries else f"no {thing.value}"


def _now(visit: Visit, whose: Whose) -> None:
    usable = visit.services.access_rules.usable(visit.actor, whose.owner_id)
    teams = {team.id: team.name for team in visit.services.teams.list(visit.actor)}
    with st.container(border=True, gap="small"):
        for thing, found in usable.items():
            what = "chat models of their connections" if thing is Thing.MODELS else "tools here"
            st.markdown(f"**{_TITLES[thing]} now:** {len(found.now)} of {found.of} {what}, {_by(found, teams)}.")
        with st.popover("Which", icon=":material/list:", type="tertiary"):
            for thing, found in usable.items():
                names = _named(found.now[:_SHOWN]) or "none"
                more = f" and {len(found.now) - _SHOWN} more" if len(found.now) > _SHOWN else ""
                st.markdown(f"**{_TITLES[thing]}:** {names}{more}")


def _named(names: Sequence[str]) -> str:
    return ", ".join(f"*{plain(name)}*" for name in names)


def _by(usable: Usable, teams: dict[str, str]) -> str:
    if not usable.allowed.layers:
        return "as no rule says otherwise"
    return "by " + " within ".join(_rule(layer, teams) for layer in reversed(usable.allowed.layers))


def _rule(layer: Layer, teams: dict[str, str]) -> str:
    match layer.owner:
        case RuleOwner.ORGANISATION:
            return "everybody's rule"
        case RuleOwner.TEAM:
            return f"the rule of {plain(' and '.join(teams.get(each, each) for each in layer.owner_ids))}"
        case RuleOwner.USER:
            return "their own rule"


def _fields(visit: Visit, whose: Whose, thing: Thing, kept: Lists) -> None:
    entries_kept = kept.of(thing)
    no_rule = "All" if whose.owner is RuleOwner.ORGANISATION else "No rule"
    labels = {_Mode.NO_RULE: no_rule, _Mode.ONLY: "Only these", _Mode.NONE: "None"}
    mode = st.segmented_control(
        _TITLES[thing],
        list(_Mode),
        default=_mode(entries_kept),
        required=True,
        format_func=labels.__getitem__,
        key=_key(Keys.ACCESS_MODE, whose, thing, kept),
    )
    if mode is not _Mode.ONLY:
        return
    known = visit.services.access_rules.known(visit.actor, thing)
    entries = st.multiselect(
        f"Allowed {thing.value}",
        list(dict.fromkeys([*(entries_kept or ()), *_groups(known, thing), *_connected(visit, known, thing)])),
        default=list(entries_kept or ()),
        accept_new_options=True,
        key=_key(Keys.ACCESS_ENTRIES, whose, thing, kept),
        placeholder=f"Choose, or type {_EXAMPLES[thing]}",
        label_visibility="collapsed",
    )
    if nothing := unmatched(entries, known) if known else ():
        st.caption(f":material/info: Matches nothing here now: {_named(nothing)}. It counts once there is something.")


def _groups(known: Sequence[str], thing: Thing) -> list[str]:
    """A pattern for each provider, or server, that has a name here."""
    between = "/" if thing is Thing.MODELS else "__"
    return sorted({f"{name.partition(between)[0]}{between}*" for name in known if between in name})


def _connected(visit: Visit, known: Sequence[str], thing: Thing) -> Sequence[str]:
    """Of thousands of models those of providers that are connected; the others can be typed."""
    if thing is Thing.TOOLS:
        return known
    slugs = {card.slug for card in visit.services.registry.providers(visit.actor) if card.connected}
    return [name for name in known if name.partition("/")[0] in slugs]


def _mode(entries: Sequence[str] | None) -> _Mode:
    return _Mode.NO_RULE if entries is None else _Mode.ONLY if entries else _Mode.NONE


def _key(name: str, whose: Whose, thing: Thing, kept: Lists) -> str:
    """Of a field for the rules that are kept: where somebody else changes them, the fields show what holds then."""
    return f"{name}-{thing}-{whose.owner}-{whose.owner_id}-{hash(kept)}"


def _entered(whose: Whose, kept: Lists) -> tuple[tuple[str, ...] | None, ...]:
    """What stands in the fields, of models and of tools; as it is typed."""
    return tuple(_entries(whose, thing, kept) for thing in Thing)


def _entries(whose: Whose, thing: Thing, kept: Lists) -> tuple[str, ...] | None:
    mode = Session().chosen(_key(Keys.ACCESS_MODE, whose, thing, kept))
    if mode != _Mode.ONLY:
        return () if mode == _Mode.NONE else None
    chosen = Session().chosen(_key(Keys.ACCESS_ENTRIES, whose, thing, kept))
    return tuple(map(str, chosen)) if isinstance(chosen, list) else ()


def _save(visit: Visit, whose: Whose, kept: Lists) -> None:
    """Ask first where somebody loses something."""
    entered = _entered(whose, kept)
    for thing, entries in zip(Thing, entered, strict=True):
        only = Session().chosen(_key(Keys.ACCESS_MODE, whose, thing, kept)) == _Mode.ONLY
        if only and not entries:
            outcome.refuse(_DIALOG, f"Which {thing.value}? Choose some, or say None.")
            return
    try:
        effect = visit.services.access_rules.preview(visit.actor, whose.owner, whose.owner_id, Lists(*entered))
    except GearboxError as error:
        outcome.refuse(_DIALOG, plain(error.explain()))
        return
    if effect.losing:
        Session().choose(Keys.ACCESS_ASKED, (whose, entered, effect))
    else:
        _set(visit, whose, kept)


def _question(visit: Visit, whose: Whose, kept: Lists, effect: Effect) -> None:
    people = "1 person" if effect.losing == 1 else f"{effect.losing} people"
    st.warning(
        f"**This takes something away:** {people} may use less than before, within seconds. Answers that are being "
        "written are finished.",
        icon=":material/block:",
    )
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button("Not yet", on_click=Session().choose, args=(Keys.ACCESS_ASKED, None))
        st.button("Take it away", type="primary", key="for-good-access", on_click=_set, args=(visit, whose, kept))


def _set(visit: Visit, whose: Whose, kept: Lists) -> None:
    rules, wanted = visit.services.access_rules, Lists(*_entered(whose, kept))

    def act() -> outcome.Outcome:
        before = rules.set(visit.actor, whose.owner, whose.owner_id, wanted, seen=kept)
        left = rules.of(visit.actor, whose.owner, whose.owner_id)

        def undo() -> str:
            rules.set(visit.actor, whose.owner, whose.owner_id, before, seen=left)
            return f"{plain(whose.name)}: models and tools are as before."

        return outcome.Outcome(f"What {plain(whose.name)} may use is saved.", undo=undo)

    Session().choose(Keys.ACCESS_ASKED, None)
    outcome.of(_DIALOG, act)
