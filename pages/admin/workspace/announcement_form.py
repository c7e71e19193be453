"""The form of an announcement, with how it will look."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import streamlit as st

from core.clock import utc_now
from core.workspace.service import Draft
from data.values.actor import Role
from data.values.notices import MOST_WORDS, Announcement, NoticeKind, Standing
from pages import banners, outcome
from pages.admin.workspace import times
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

_PLACE = "announcement"
_STARTS = Keys.ANNOUNCED_STARTS, Keys.ANNOUNCED_STARTS_AT
_ENDS = Keys.ANNOUNCED_ENDS, Keys.ANNOUNCED_ENDS_AT


def dialog(visit: Visit, teams: Mapping[str, str], old: Announcement | None) -> None:
    """Open it for one that there is, or for a new one. One that has ended is announced again, from now on."""
    anew = old is None or old.standing(utc_now()) is Standing.ENDED
    _fill(visit, old, anew=anew)

    @st.dialog("Announce something" if anew else "Change the announcement", width="medium")
    def opened() -> None:
        st.text_area(
            "Text",
            max_chars=MOST_WORDS,
            key=Keys.ANNOUNCED_WORDS,
            height=90,
            placeholder="The new models are here. [What changed](https://example.org/news)",
            help="One or two lines. `**strong**`, `*soft*` and `[words](https://example.org)` act as in Markdown.",
        )
        st.segmented_control(
            "Kind", list(NoticeKind), format_func=str.capitalize, key=Keys.ANNOUNCED_KIND, required=True
        )
        _for_whom(teams, old)
        times.draw("From", _STARTS, empty="from now on")
        times.draw("Until", _ENDS, empty="until somebody ends it")
        st.toggle("People can dismiss it", key=Keys.ANNOUNCED_DISMISSIBLE)
        _preview()
        label = "Announce" if anew else "Save"
        st.button(
            label, type="primary", key="save-announcement", on_click=_save, args=(visit, old), kwargs={"anew": anew}
        )
        outcome.close(_PLACE)

    opened()


def _fill(visit: Visit, old: Announcement | None, *, anew: bool) -> None:
    session, zone = Session(), visit.services.settings.zone
    session.choose(Keys.ANNOUNCED_WORDS, old.words if old else "")
    session.choose(Keys.ANNOUNCED_KIND, old.kind if old else NoticeKind.INFO)
    session.choose(Keys.ANNOUNCED_ROLES, sorted(old.roles) if old else [])
    session.choose(Keys.ANNOUNCED_TEAMS, sorted(old.team_ids) if old else [])
    session.choose(Keys.ANNOUNCED_DISMISSIBLE, old.dismissible if old else True)
    times.fill(_STARTS, None if anew or old is None else old.starts_at, zone)
    times.fill(_ENDS, None if anew or old is None else old.ends_at, zone)


def _for_whom(teams: Mapping[str, str], old: Announcement | None) -> None:
    gone = old.team_ids - teams.keys() if old else frozenset()
    with st.container(horizontal=True):
        st.multiselect(
            "For roles",
            list(Role),
            format_func=lambda role: f"{role.capitalize()}s",
            placeholder="Everybody",
            key=Keys.ANNOUNCED_ROLES,
        )
        st.multiselect(
            "For teams",
            [*teams, *sorted(gone)],
            format_func=lambda team_id: teams.get(team_id, "A team that is gone"),
            placeholder="Everybody",
            key=Keys.ANNOUNCED_TEAMS,
        )


def _preview() -> None:
    words, kind = Session().typed(Keys.ANNOUNCED_WORDS), Session().chosen(Keys.ANNOUNCED_KIND)
    if words.strip() and isinstance(kind, NoticeKind):
        with st.container(key="banner-preview"):
            banners.box(kind, " ".join(words.split()))


def _save(visit: Visit, old: Announcement | None, *, anew: bool) -> None:
    service = visit.services.workspace.admin

    def act() -> str:
        draft = _draft(visit, anew=anew)
        if old is None:
            service.announce(visit.actor, draft)
            return "It is announced."
        service.change(visit.actor, old.id, draft, version=old.version)
        return "It is announced again." if anew else "Saved."

    outcome.of(_PLACE, act)


def _draft(visit: Visit, *, anew: bool) -> Draft:
    session, zone = Session(), visit.services.settings.zone
    kind, starts_at = session.chosen(Keys.ANNOUNCED_KIND), times.typed(_STARTS, zone)
    return Draft(
        session.typed(Keys.ANNOUNCED_WORDS),
        kind if isinstance(kind, NoticeKind) else NoticeKind.INFO,
        roles=[Role(each) for each in _several(Keys.ANNOUNCED_ROLES)],
        team_ids=_several(Keys.ANNOUNCED_TEAMS),
        starts_at=utc_now() if starts_at is None and anew else starts_at,
        ends_at=times.typed(_ENDS, zone),
        dismissible=bool(session.chosen(Keys.ANNOUNCED_DISMISSIBLE)),
    )


def _several(key: str) -> Collection[str]:
    chosen = Session().chosen(key)
    return [str(each) for each in chosen] if isinstance(chosen, list) else []
