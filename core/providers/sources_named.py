"""What a streamed answer names as its sources: in the forms of OpenAI, Perplexity, and litellm for Anthropic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from data.values.events import Delta, SourceDelta
from data.values.sources import MOST_SOURCES, Source, source


class SourcesNamed:
    """The sources of one stream, each once. They wait for the first words: who has not begun can still be replaced."""

    def __init__(self) -> None:
        self._lists: tuple[Any, Any] = None, None
        self._urls: set[str] = set()
        self._known: set[Source] = set()
        self._waiting: list[Delta] = []
        self._begun = False

    def cited(self, delta: Mapping[str, Any]) -> None:
        """Take note of what a delta, or a whole message, cites."""
        for named in _annotations(delta.get("annotations")):
            self._add(source(named.get("url"), named.get("title"), named.get("start_index"), named.get("end_index")))
        own = delta.get("provider_specific_fields")
        if own and isinstance(own, Mapping) and isinstance(cited := own.get("citation"), Mapping):
            self._add(source(cited.get("url"), cited.get("title")))

    def after(self, deltas: list[Delta], chunk: Mapping[str, Any]) -> list[Delta]:
        """The deltas of one chunk, and the sources that may follow them."""
        self._listed(chunk)
        self._begun = self._begun or bool(deltas)
        if not (self._begun and self._waiting):
            return deltas
        waiting, self._waiting = self._waiting, []
        return [*deltas, *waiting]

    def _listed(self, chunk: Mapping[str, Any]) -> None:
        """Take note of the lists beside the choices, which Perplexity repeats with every chunk, and xAI sends last."""
        lists = chunk.get("search_results"), chunk.get("citations")
        if lists == self._lists:
            return
        self._lists = lists
        for each in (entry for held in lists if isinstance(held, list) for entry in held):
            named = each if isinstance(each, Mapping) else {"url": each}
            self._add(source(named.get("url"), named.get("title")))

    def _add(self, named: Source | None) -> None:
        if named is None or len(self._known) >= MOST_SOURCES:
            return
        if named in self._known or (named.start is None and named.url in self._urls):
            return
        self._known.add(named)
        self._urls.add(named.url)
        self._waiting.append(SourceDelta(named))


def _annotations(held: Any) -> Iterator[Mapping[str, Any]]:
    for each in held if held and isinstance(held, list) else ():
        if isinstance(each, Mapping) and each.get("type") == "url_citation":
            cited = each.get("url_citation")
            yield cited if isinstance(cited, Mapping) else each  # as in OpenAI's other API
