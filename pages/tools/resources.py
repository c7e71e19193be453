"""Choosing one of a server's resources. Names and descriptions are the server's own, and act as nothing."""

from __future__ import annotations

import streamlit as st

from core.tools.mcp.resources import filled, variables
from core.tools.shelf import ToolCard
from core.tools.tool import ToolResult
from data.values.parts import TextPart
from data.values.server_contents import Contents, ListedResource, ListedTemplate
from pages.plain import plain
from pages.tools.words import visible
from pages.widget_keys import Keys


def choose(card: ToolCard, contents: Contents) -> str | None:
    """Draw the list and a button; the URI that the person wants to read when they press it."""
    place = f"{Keys.RESOURCE}-{card.tool.name}"
    options: list[ListedResource | ListedTemplate] = [*contents.resources, *contents.templates]
    with st.container(border=True):
        chosen = st.selectbox(f"What to read ({len(options)})", options, format_func=_name, key=place)
        if chosen is None:
            return None
        if chosen.description:
            st.text(visible(chosen.description))
        uri = _filled(place, chosen) if isinstance(chosen, ListedTemplate) else chosen.uri
        st.caption(" · ".join(plain(visible(each)) for each in (uri, chosen.media_type, _size(chosen)) if each))
        return uri if st.button("Read", type="primary", key=f"{place}-read") else None


def offer(uri: str, result: ToolResult) -> None:
    """Offer the text that was read as a file; what is no text has a button of its own already."""
    texts = [part.text.removeprefix(f"[Resource {uri}]\n") for part in result.parts if isinstance(part, TextPart)]
    if texts:
        name = uri.rstrip("/").rpartition("/")[2] or "resource"
        st.download_button("Download", "\n".join(texts), f"{name}{'' if '.' in name else '.txt'}", on_click="ignore")


def _filled(place: str, template: ListedTemplate) -> str:
    names = variables(template.pattern)
    given = {name: st.text_input(plain(visible(name)), key=f"{place}-{template.pattern}-{name}") for name in names}
    return filled(template.pattern, {name: value for name, value in given.items() if value})


def _name(each: ListedResource | ListedTemplate) -> str:
    name = visible(each.title or each.name)
    return f"{name} …" if isinstance(each, ListedTemplate) else name


def _size(each: ListedResource | ListedTemplate) -> str:
    size = each.size if isinstance(each, ListedResource) else None
    return "" if size is None else f"{size:,} bytes"
