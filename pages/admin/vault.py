"""The Vault tab: the key-encryption keys (KEKs), their rotation as it runs, and the rotations there were."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.vault.admin import KekCard, RotationStatus
from data.values.keks import KekState, RotationRecord, RotationStep
from pages import outcome
from pages.asking import ask
from pages.moments import day, minute
from pages.outcome import Outcome
from pages.plain import plain
from pages.session import Session
from pages.usage_words import duration
from pages.visit import Visit
from pages.widget_keys import Keys

_PLACE = "vault"
_LOOK = 0.7  # seconds; a batch takes less
_SHOWN = 10
_STEPS = {
    RotationStep.CREATE: "Create",
    RotationStep.READ_BACK: "Read back",
    RotationStep.CANARY: "Canary",
    RotationStep.ACTIVATE: "Activate",
    RotationStep.REWRAP: "Re-wrap",
    RotationStep.RETIRE: "Retire",
}
_ORDER = [*_STEPS, RotationStep.DONE]


def draw(visit: Visit) -> None:
    """Draw the tab."""
    st.caption(
        "Every provider key is sealed with a key of its own, and that one with the key-encryption key (KEK). "
        "Rotating replaces the KEK and moves everything under the new one; nothing stops meanwhile."
    )
    status = visit.services.vault_admin.rotation(visit.actor)
    session = Session()
    if status is not None and status.running:
        session.choose(Keys.ROTATION_SEEN, True)
        _watch(visit)
    else:
        if session.chosen(Keys.ROTATION_SEEN):
            session.choose(Keys.ROTATION_SEEN, None)
            _tell(status)
        _offer(visit, status)
    outcome.say(_PLACE)
    _keks(visit.services.vault_admin.keks(visit.actor))
    _history(visit.services.vault_admin.history(visit.actor))


@st.fragment(run_every=_LOOK)
def _watch(visit: Visit) -> None:
    """The rotation under way, in whatever process it runs; looked at again until it is over."""
    status = visit.services.vault_admin.rotation(visit.actor)
    if status is None or not status.running:
        st.rerun()
    with st.container(border=True, key="rotation"):
        st.markdown(f"**Rotating KEK v{status.record.from_kek} to v{status.record.to_kek}**")
        _progress(status.record)


def _tell(status: RotationStatus | None) -> None:
    """That a rotation is over which was begun or seen here; a short one is over before it is drawn once."""
    if status is not None and status.record.step is RotationStep.DONE:
        moved = f"{_records(status.record.done)} moved under it" if status.record.done else "There was nothing to move"
        Session().leave(_PLACE, Outcome(f"KEK v{status.record.to_kek} is active. {moved}."))


def _progress(record: RotationRecord) -> None:
    at = _ORDER.index(record.step)
    st.markdown(" ".join(_step(name, _ORDER.index(step) - at) for step, name in _STEPS.items()))
    share = record.done / record.total if record.total else float(at > _ORDER.index(RotationStep.REWRAP))
    counted = f"{record.done:,} of {record.total:,} records re-wrapped" if record.total else "No record moved yet"
    st.progress(min(share, 1.0), counted)


def _step(name: str, ahead: int) -> str:
    if ahead < 0:
        return f":primary-badge[:material/check: {name}]"
    return f":orange-badge[:material/autorenew: {name}]" if ahead == 0 else f":gray-badge[{name}]"


def _offer(visit: Visit, status: RotationStatus | None) -> None:
    if status is None or status.record.finished_at is not None:
        if status is not None and status.problem:
            st.error(f"The last rotation was given up. {plain(status.problem)}", icon=":material/error:")
        if st.button("Rotate the KEK", type="primary", icon=":material/autorenew:"):
            _ask(visit)
        return
    record = status.record
    why = plain(status.problem) if status.problem else "Its process ended, or is shutting down."
    st.warning(
        f"**The rotation to KEK v{record.to_kek} is interrupted.** {why} Every key opens all the same.",
        icon=":material/pause_circle:",
    )
    with st.container(border=True, key="rotation"):
        _progress(record)
        if st.button("Take it up again", type="primary", icon=":material/play_arrow:"):
            _begin(visit)
            st.rerun()


def _ask(visit: Visit) -> None:
    ask(
        "Rotate the KEK?",
        "A new KEK is made, checked and put to use; then every record is moved under it in the background. Keys keep "
        "working all the while. The old KEK stays, retired: backups made until now need it.",
        yes="Rotate",
        act=lambda: _begin(visit),
        for_good=False,
    )


def _begin(visit: Visit) -> None:
    visit.services.vault_admin.rotate(visit.actor)
    Session().choose(Keys.ROTATION_SEEN, True)


def _keks(cards: Sequence[KekCard]) -> None:
    st.subheader("Key-encryption keys", anchor=False)
    for card in reversed(cards):
        with st.container(border=True, key=f"kek-{card.kek_id}", gap=None):
            st.markdown(f"**KEK v{card.kek_id}** {_badge(card.state)}")
            seals = _records(card.seals) if card.seals else "nothing"
            st.caption(f"Since {day(card.created_at)} · seals {seals} · in {plain(card.place)}")
    if any(card.state is KekState.RETIRED and not card.seals for card in cards):
        st.caption(
            ":material/info: A retired KEK that seals nothing is needed for older backups alone. When those are gone, "
            "`python -m core vault rotate --destroy` destroys it after the next rotation."
        )


def _badge(state: KekState) -> str:
    if state is KekState.ACTIVE:
        return ":primary-badge[:material/check: active]"
    return f":orange-badge[{state.value}]" if state is KekState.PENDING else f":gray-badge[{state.value}]"


def _history(records: Sequence[RotationRecord]) -> None:
    st.subheader("Rotations", anchor=False)
    if not records:
        st.caption("The KEK was never rotated.")
    for record in records[:_SHOWN]:
        with st.container(key=f"rotation-{record.rotation_id}", gap=None):
            st.markdown(f"v{record.from_kek} → v{record.to_kek} {_ended(record)}")
            st.caption(_facts(record))
    if len(records) > _SHOWN:
        st.caption(f"{len(records) - _SHOWN} earlier ones are in the audit log.")


def _ended(record: RotationRecord) -> str:
    if record.step is RotationStep.DONE:
        return ":primary-badge[done]"
    return ":gray-badge[given up]" if record.step is RotationStep.ABANDONED else ":orange-badge[unfinished]"


def _facts(record: RotationRecord) -> str:
    facts = [minute(record.started_at), f"kept in {record.source}", f"{record.done:,} of {record.total:,} records"]
    if record.finished_at is not None:
        facts.append(duration((record.finished_at - record.started_at).total_seconds() * 1000))
    return " · ".join(facts)


def _records(number: int) -> str:
    return "1 record" if number == 1 else f"{number:,} records"
