"""The Evidence tab: everything that an auditor asks a deployment for, as one zip."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, time, timedelta

import streamlit as st

from core.clock import utc_now
from core.errors import GearboxError
from core.evidence.service import Evidence
from pages.moments import zone
from pages.plain import plain
from pages.visit import Visit
from pages.widget_keys import Keys

_DAYS = {"90 days": 90, "A year": 365, "All of it": None}
_CHOSEN = "Dates"
_PARTS = (
    ("group", "Access review", "people, roles, sessions, API tokens, teams, and what changed"),
    ("key", "Key inventory", "every key's owner, age, algorithm, expiry and KEK; never a value"),
    ("autorenew", "Rotation log", "of keys and KEKs, with revocations, backups and restores"),
    ("verified_user", "Verification of the audit log", "run anew, with the public key and the last checkpoints"),
    ("flag", "Changes", "of feature flags, settings and connections"),
    ("tune", "Configuration", "every setting in force with secrets left out, sign-in, TLS, headers"),
    ("inventory_2", "Packages", "all that is installed, with licences and hashes: a CycloneDX SBOM"),
)


def draw(visit: Visit) -> None:
    """Draw the tab."""
    st.caption(
        "What auditors ask for, in one dated zip with the hash of every file. It shows what Gearbox does; only an "
        "auditor attests SOC 2."
    )
    with st.container(border=True, key="evidence-parts", gap="small"):
        for icon, name, words in _PARTS:
            st.markdown(f":material/{icon}: **{name}** :gray[{words}]")
    period = _period()
    since, until = period or (None, None)
    if st.button("Prepare", type="primary", icon=":material/folder_zip:", disabled=period is None):
        _prepare(visit, since, until)
    st.caption(":material/info: It names people and addresses: keep it as you keep other records about them.")


def _period() -> tuple[datetime | None, datetime | None] | None:
    """What the logs shall cover; None while only one end is chosen."""
    chosen = st.segmented_control(
        "Period of the logs",
        [*_DAYS, _CHOSEN],
        default="A year",
        required=True,
        key=Keys.EVIDENCE_PERIOD,
        help="Lists of people, keys and settings are as they are now, whatever is chosen here.",
    )
    if chosen != _CHOSEN:
        days = _DAYS[chosen or "A year"]
        return (None if days is None else utc_now() - timedelta(days=days)), None
    today = utc_now().astimezone(zone()).date()
    days_chosen = st.date_input(
        "First and last day",
        (today - timedelta(days=90), today),
        max_value=today,
        key=Keys.EVIDENCE_DAYS,
        format="YYYY-MM-DD",
        width=280,
    )
    if not isinstance(days_chosen, tuple) or len(days_chosen) != 2:
        st.caption("Choose the last day, too.")
        return None
    first, last = days_chosen
    return _midnight(first), None if last == today else _midnight(last + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), zone()).astimezone(UTC)


def _prepare(visit: Visit, since: datetime | None, until: datetime | None) -> None:
    file = io.BytesIO()
    try:
        with st.spinner("Verifying the audit log and collecting", show_time=True):
            evidence = visit.services.evidence.write(visit.actor, file, since, until)
    except GearboxError as error:
        st.error(plain(error.explain()), icon=":material/error:")
        return
    with st.container(border=True, key="evidence-ready"):
        st.markdown(_verdict(evidence))
        st.caption(
            f"{len(evidence.files)} files. The audit log names this export by the hash of its manifest, "
            f"`{evidence.manifest_sha256[:16]}…`."
        )
        st.download_button(
            "Download",
            file.getvalue(),
            evidence.name,
            "application/zip",
            type="primary",
            icon=":material/download:",
            on_click="ignore",
        )


def _verdict(evidence: Evidence) -> str:
    if evidence.log_is_whole:
        return f"**Ready.** :primary-badge[:material/verified_user: The audit log is whole] `{evidence.name}`"
    return f"**Ready.** :red-badge[:material/gpp_bad: The audit log is broken: see the Audit page] `{evidence.name}`"
