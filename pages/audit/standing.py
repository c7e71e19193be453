"""Whether the log is whole and kept safe, verifying it now, and taking it away."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import streamlit as st

from core.audit.export import Format
from core.audit.report import ChainStatus, Finding, Report
from pages.audit import period
from pages.moments import ago, minute
from pages.plain import plain
from pages.visit import Visit
from pages.widget_keys import Keys

_LATE = timedelta(minutes=2)  # twice what is promised
_SHOWN = 10
_FORMATS: dict[Format, str] = {
    "jsonl": "JSON lines: the events as they were hashed",
    "ocsf": "OCSF 1.4, for security data lakes",
    "cef": "CEF, for ArcSight and other SIEMs",
}
_LENGTHS = {"7 days": timedelta(days=7), "30 days": timedelta(days=30), "A year": timedelta(days=365)}


def draw(visit: Visit) -> None:
    """Draw the box at the top."""
    audit, now = visit.services.audit, datetime.now(UTC)
    status = audit.status(visit.actor)
    with st.container(border=True, key="audit-standing"):
        verdict, facts = st.empty(), st.empty()
        with st.container(horizontal=True):
            verify = st.button("Verify now", icon=":material/verified_user:")
            if st.button("Export", icon=":material/download:"):
                _export(visit)
        if verify:
            with st.spinner(f"Verifying {_number(status.events, 'event')}", show_time=True):
                audit.verify_now(visit.actor)
                status = audit.status(visit.actor)
        last = audit.last_verified(visit.actor)
        verdict.markdown(_verdict(status, last[1] if last else None, now))
        facts.caption(_facts(status, last, now))
        _troubles(status, last[1] if last else None)


def _verdict(status: ChainStatus, report: Report | None, now: datetime) -> str:
    if status.refusing:
        return ":red-badge[:material/block: Keys are refused]"
    if report is not None and not report.ok:
        return ":red-badge[:material/gpp_bad: The log is broken]"
    if any(place.problem for place in status.places):
        return ":orange-badge[:material/warning: Not carried outside]"
    if status.checkpoint_at is None or (status.pending and now - status.checkpoint_at > _LATE):
        return ":orange-badge[:material/hourglass: Waiting for a checkpoint]"
    if report is None:
        return ":primary-badge[:material/link: Signed]"
    return ":primary-badge[:material/verified_user: Whole]"


def _facts(status: ChainStatus, last: tuple[datetime, Report] | None, now: datetime) -> str:
    facts = [f"{_number(status.events, 'event')} in {_number(status.chains, 'chain')}"]
    if status.checkpoint_at is not None:
        waiting = f", {status.pending:,} since then" if status.pending else ""
        facts.append(f"checkpoint {status.checkpoint:,} signed {ago(status.checkpoint_at, now)}{waiting}")
    if status.epoch:
        facts.append("restored once" if status.epoch == 1 else f"restored {status.epoch} times")
    facts.append("not verified yet" if last is None else f"verified {ago(last[0], now)}")
    return " · ".join(facts)


def _troubles(status: ChainStatus, report: Report | None) -> None:
    if status.refusing:
        why = f"**Nothing is done with keys while the log can't be kept safe.** {plain(status.refusing)}"
        st.error(why, icon=":material/block:")
    for place in status.places:
        if place.problem and place.problem != status.refusing:
            since = f" Since {minute(place.failing_since)}." if place.failing_since else ""
            st.warning(f"**{plain(place.name)}** takes no checkpoints. {plain(place.problem)}{since}")
    if report is not None and not report.ok:
        with st.container(key="audit-findings"):
            st.error("**The log is not what was signed.** The first bad row of each chain:", icon=":material/gpp_bad:")
            for finding in report.findings[:_SHOWN]:
                st.markdown(_finding(finding))
            if len(report.findings) > _SHOWN:
                st.caption(f"{len(report.findings) - _SHOWN} more: run `python -m core audit verify`.")
            if report.covered_until is not None:
                st.caption(f"Outside the database lies what was signed up to {minute(report.covered_until)}.")


def _finding(finding: Finding) -> str:
    where = f" · event {finding.seq} of chain {plain(finding.chain_id)}" if finding.chain_id else ""
    return f":red-badge[{finding.kind.value.replace('_', ' ')}] {plain(finding.words)}\n\n:small[:gray[{where[3:]}]]"


@st.dialog("Export the log")
def _export(visit: Visit) -> None:
    st.write(
        "A zip with every event of the time, signed checkpoints around them, and the proof that nothing was changed or "
        "left out. Auditors verify it without Gearbox. Search and filters don't narrow it: what is left out could not "
        "be proven to be harmless."
    )
    format_ = st.radio("Format", list(_FORMATS), format_func=_FORMATS.__getitem__)
    span = period.choose(_LENGTHS, "30 days", (Keys.AUDIT_EXPORT_PERIOD, Keys.AUDIT_EXPORT_DAYS))

    def made() -> bytes:
        file = io.BytesIO()
        visit.services.audit.export(visit.actor, file, format_, span.since, span.until)
        return file.getvalue()

    with st.container(horizontal=True):
        st.download_button(
            "Download",
            made,
            f"gearbox-audit-{datetime.now(UTC):%Y-%m-%d}.zip",
            "application/zip",
            type="primary",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            "Public key",
            visit.services.audit.public_key(visit.actor),
            "gearbox-audit-key.pem",
            "application/x-pem-file",
            icon=":material/key:",
            on_click="ignore",
        )
    st.caption(
        "On the command line `python -m core audit export` does the same, and `audit standalone-verifier` prints the "
        "script that verifies it."
    )


def _number(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
