"""Draws the sources of an answer: links for people to follow; nothing is fetched for them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from data.values.sources import Source
from pages.plain import plain

_SHOWN = 6
"""So many stand open under an answer; more are folded."""

# What would end a link's address in Markdown, or act in it.
_ESCAPES = str.maketrans({"&": "&amp;", "$": "%24", "[": "%5B", "]": "%5D", "(": "%28", ")": "%29", "*": "%2A"})


def draw_sources(sources: Sequence[Source]) -> None:
    """A numbered list. Streamlit opens links in another tab, with rel="noopener noreferrer"."""
    if not sources:
        return
    if len(sources) <= _SHOWN:
        st.caption(f":material/link: Sources\n\n{linked(sources)}")
        return
    with st.expander(f"{len(sources)} sources", icon=":material/link:"):
        st.caption(linked(sources))


def linked(sources: Sequence[Source]) -> str:
    """The list as Markdown. The host stands beside each title: a title can say anything."""
    return "\n".join(f"{number}. {_link(each)}" for number, each in enumerate(sources, 1))


def _link(source: Source) -> str:
    host = plain(source.host)
    link = f"[{plain(source.title or source.host)}](<{source.url.translate(_ESCAPES)}>)"
    return f"{link} · {host}" if source.title else link
