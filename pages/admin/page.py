"""The Admin page: from how all is doing to people, what is kept, keys and proofs, a tab each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from core.access.policy import Permission, granted
from data.values.actor import Actor
from pages import heading
from pages.admin import (
    evidence,
    keeping,
    overview,
    people,
    reliability,
    reports,
    shared_keys,
    teams,
    vault,
    workspace,
)
from pages.visit import Visit
from pages.widget_keys import Keys


@dataclass(frozen=True, slots=True)
class _Tab:
    """Its name is in the page's address."""

    name: str
    needs: Permission
    draw: Callable[[Visit], None]


_TABS = (
    _Tab("Overview", Permission.SEE_METRICS, overview.draw),
    _Tab("People", Permission.MANAGE_PEOPLE, people.draw),
    _Tab("Teams", Permission.MANAGE_PEOPLE, teams.draw),
    _Tab("Shared keys", Permission.MANAGE_SHARED_KEYS, shared_keys.draw),
    _Tab("Reliability", Permission.MANAGE_MODELS, reliability.draw),
    _Tab("Workspace", Permission.MANAGE_WORKSPACE, workspace.draw),
    _Tab("Reports", Permission.MANAGE_REPORTS, reports.draw),
    _Tab("Data", Permission.MANAGE_RETENTION, keeping.draw),
    _Tab("Vault", Permission.MANAGE_VAULT, vault.draw),
    _Tab("Evidence", Permission.EXPORT_EVIDENCE, evidence.draw),
)


def for_(actor: Actor) -> bool:
    """Whether the page is there for this person."""
    return bool(_tabs_of(actor))


def render(visit: Visit) -> None:
    """One run of the page."""
    heading.draw(visit, "Admin")
    tabs = _tabs_of(visit.actor)
    for tab, place in zip(tabs, st.tabs([tab.name for tab in tabs], key=Keys.TAB, bind="query-params"), strict=True):
        if place.open:
            with place:
                tab.draw(visit)


def _tabs_of(actor: Actor) -> list[_Tab]:
    return [tab for tab in _TABS if granted(actor, tab.needs)]
