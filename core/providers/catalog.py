"""litellm's packaged price list as our models: names, limits, abilities and decimal prices.

The list is a data file beside litellm's code. It is found without importing litellm, which would take ten seconds.
Prices of audio tokens are not part of a `TokenPrice`.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from core.errors import GearboxError
from core.providers.cards import card_of, day_of, long_prompts
from core.providers.directory import CHAT_AND_RESPONSES
from data.values.models import Model
from data.values.registry import Capability, ModelCard

_FILE = "model_prices_and_context_window_backup.json"
_CHAT_PATHS = {"/v1/chat/completions", "/v1/responses"}
# Entries that price a class of models by size ("together-ai-up-to-4b") or a fine-tune are no models themselves.
_NO_MODEL = re.compile(r"^(ft:|together-ai-|fireworks-ai-)")
_SNAPSHOT = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{8}|\d{4})$")


def _utc_now() -> datetime:
    return datetime.now(UTC)


RELEASES: Mapping[str, date] = {"1.106.2": date(2026, 10, 21)}
"""When each release of litellm that was tested came out: the date of its prices."""


class _Entry:
    """One row; described only when somebody asks for it: most processes use a few dozen of four thousand."""

    def __init__(
        self, provider: str, name: str, mode: str, row: Mapping[str, Any], of: tuple[str, date | None]
    ) -> None:
        self.mode = _usable(mode, row)
        self.deprecated = day_of(row.get("deprecation_date"))
        self._row = row
        self._described = partial(card_of, provider, name, mode, row, version=of[0], at=of[1])

    @cached_property
    def card(self) -> ModelCard:
        return self._described()

    @cached_property
    def model(self) -> Model:
        model = model_of(self.card)
        return replace(model, price=model.price and replace(model.price, long=long_prompts(self._row)))


class Catalogue:
    """The price list, read once on first need. Thread-safe.

    Args:
        clock: says which models are deprecated by now.
    """

    def __init__(self, clock: Callable[[], datetime] = _utc_now) -> None:
        self._clock = clock
        self._loading = threading.Lock()
        self._entries: Mapping[str, Mapping[str, _Entry]] | None = None

    @property
    def version(self) -> str:
        """The price version that is booked with every priced call."""
        return f"litellm-{importlib.metadata.version('litellm')}"

    @property
    def released(self) -> date | None:
        """The day of the price list; None for a release that was not tested."""
        return RELEASES.get(importlib.metadata.version("litellm"))

    def load(self) -> None:
        """Read the list now. Takes about 0.1 s; further calls do nothing.

        Raises:
            GearboxError: litellm is not installed, or came without its list.
        """
        self._loaded()

    def models_of(self, provider: str, modes: frozenset[str] = CHAT_AND_RESPONSES) -> list[Model]:
        """Chat models of a price-list provider by name, without deprecated ones and dated snapshots of others."""
        entries, today = self._loaded().get(provider, {}), self._clock().date()
        current = {
            name: entry.model
            for name, entry in entries.items()
            if entry.mode in modes and not (entry.deprecated and entry.deprecated <= today)
        }
        return [
            model
            for name, model in sorted(current.items())
            if not _NO_MODEL.match(name) and not ((base := _SNAPSHOT.sub("", name)) != name and base in current)
        ]

    def cards(self) -> list[ModelCard]:
        """Every entry of the list, of all modes, under litellm's name of its provider."""
        return [entry.card for entries in self._loaded().values() for entry in entries.values()]

    def find(self, provider: str, name: str) -> Model | None:
        """What the list knows of one chat model, deprecated or not. A fine-tune has its base model's entry."""
        entry = self._entry(provider, name)
        return entry.model if entry and entry.mode in CHAT_AND_RESPONSES else None

    def card(self, provider: str, name: str) -> ModelCard | None:
        """The card of one entry, of any mode. A fine-tune has its base model's."""
        entry = self._entry(provider, name)
        return entry.card if entry else None

    def mode_of(self, provider: str, name: str) -> str | None:
        """What a model is for in litellm's words ("chat", "embedding", ...); None where the list doesn't know it."""
        entry = self._entry(provider, name)
        return entry.mode if entry else None

    def _entry(self, provider: str, name: str) -> _Entry | None:
        entries = self._loaded().get(provider, {})
        if name.startswith("ft:"):  # a live listing says ft:gpt-4o-2024-08-06:organisation::id
            return entries.get(":".join(name.split(":")[:2]))
        return entries.get(name)

    def _loaded(self) -> Mapping[str, Mapping[str, _Entry]]:
        with self._loading:
            if self._entries is None:
                self._entries = _read(_path(), self.version, self.released)
            return self._entries


def _path() -> Path:
    spec = importlib.util.find_spec("litellm")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (path := Path(folder) / _FILE).is_file():
            return path
    raise GearboxError("litellm's price list is not installed.", "Run `uv sync`.")


def _read(path: Path, version: str, at: date | None) -> dict[str, dict[str, _Entry]]:
    # Prices stay decimal from the file's own digits; a float would put 1.2500000000000001E-6 into every sum.
    rows: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    found: dict[str, dict[str, _Entry]] = {}
    for key, row in rows.items():
        provider = row.get("litellm_provider", "")
        if not provider or key == "sample_spec":
            continue
        name = key.removeprefix(f"{provider}/")
        # litellm adds no prefix to a name that begins with one: it takes perplexity/perplexity/sonar for the older
        # perplexity/sonar, which answered on a path that is gone.
        known_as = rows.get(name, row) if name.startswith(f"{provider}/") else row
        mode = str(known_as.get("mode", ""))
        entries = found.setdefault(provider, {})
        if name not in entries or key != name:
            entries[name] = _Entry(provider, name, mode, row, (version, at))
    return found


def _usable(mode: str, row: Mapping[str, Any]) -> str:
    """The mode, except for a "chat" model that only answers elsewhere (realtime, interactions, responses)."""
    paths = set(row.get("supported_endpoints", ()))
    if mode != "chat" or not paths or "/v1/chat/completions" in paths:
        return mode
    return "responses" if paths & _CHAT_PATHS else "other"


def model_of(card: ModelCard) -> Model:
    """What a chat needs of a card."""
    return Model(
        provider=card.provider,
        name=card.name,
        label=card.name,
        context_tokens=card.context_tokens,
        max_output_tokens=card.max_output_tokens,
        price=card.prices.tokens if card.prices else None,
        vision=card.can(Capability.VISION) is True,
        audio=card.can(Capability.AUDIO_INPUT) is True,
        tools=card.can(Capability.TOOLS) is True,
        reasoning=card.can(Capability.REASONING) is True,
    )
