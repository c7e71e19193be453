"""The words of notices as Markdown of ours: emphasis and links of what an admin wrote, all else as it is written."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.workspace.marks import Mark, Piece, pieces
from data.values.notices import Maintenance
from pages.moments import zone
from pages.plain import unlinked

_A_NIGHT = timedelta(hours=12)


def in_markdown(words: str) -> str:
    """Emphasis and links act; everything else is escaped, also what Streamlit adds to Markdown."""
    return "".join(map(_marked, pieces(words)))


def _marked(piece: Piece) -> str:
    text = unlinked(piece.text)
    match piece.mark:
        case Mark.LINK:
            return f"[{text}]({piece.target.replace('$', '%24')})"
        case Mark.STRONG:
            return f"**{text}**"
        case Mark.EMPHASIS:
            return f"*{text}*"
        case Mark.NONE:
            return text


def hour(moment: datetime, near: datetime) -> str:
    """22:00 in the browser's time zone; with its day where it is neither on that of `near` nor in the night after."""
    local, there = moment.astimezone(zone()), near.astimezone(zone())
    is_clear = local.date() == there.date() or timedelta() < local - there < _A_NIGHT
    return f"{local:%H:%M}" if is_clear else f"{local.day} {local:%B}, {local:%H:%M}"


def of_maintenance(maintenance: Maintenance, now: datetime, *, is_on: bool) -> str:
    """When it is, in a sentence."""
    if not is_on:
        until = f" to {hour(maintenance.ends_at, maintenance.starts_at)}" if maintenance.ends_at else ""
        return f"**Maintenance** from {hour(maintenance.starts_at, now)}{until}."
    return f"**Maintenance is on**{until_when(maintenance, now)}."


def until_when(maintenance: Maintenance, now: datetime) -> str:
    """How long it takes, after "it is on"; empty where nobody knows."""
    if maintenance.ends_at is None:
        return ""
    if maintenance.ends_at <= now:
        return f", longer than until {hour(maintenance.ends_at, now)} as was expected"
    return f" until {'' if maintenance.ends_itself else 'about '}{hour(maintenance.ends_at, now)}"
