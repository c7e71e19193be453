"""The words of notices as Markdown of ours: emphasis and links of what an admin wrote, all else as it is written."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from data.values.notices import Maintenance
from pages.moments import zone
from pages.plain import unlinked

_A_NIGHT = timedelta(hours=12)
_LINK = r"\[(?P<label>[^\[\]]+)\]\((?P<target>(?:https?://|mailto:)[^\s()<>\\]+)\)"
_MARKED = re.compile(rf"{_LINK}|\*\*(?P<strong>[^*]+)\*\*|(?<![\w*])(?P<mark>[*_])(?P<soft>[^*_]+)(?P=mark)(?![\w*])")


def in_markdown(words: str) -> str:
    """Emphasis and links act; everything else is escaped, also what Streamlit adds to Markdown."""
    drawn, end = [], 0
    for found in _MARKED.finditer(words):
        drawn += [unlinked(words[end : found.start()]), _marked(found)]
        end = found.end()
    return "".join([*drawn, unlinked(words[end:])])


def _marked(found: re.Match[str]) -> str:
    if found["target"]:
        return f"[{unlinked(found['label'])}]({found['target'].replace('$', '%24')})"
    if found["strong"]:
        return f"**{unlinked(found['strong'])}**"
    return f"*{unlinked(found['soft'])}*"


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
