"""Settings of the tools that models may call; part of `core.config.Settings`."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from core.errors import ConfigError


class ToolSettings(BaseSettings):
    """How long people are waited for, and which services the built-in tools may ask.

    A web search is offered when one of these is set.
    """

    tool_approval_seconds: float = Field(
        default=600.0, gt=0, le=86_400, description="How long a tool call waits in the chat for the person to allow it."
    )

    tool_budget: Decimal = Field(
        default=Decimal(2),
        ge=0,
        description="US dollars: once the calls of an answer cost as much, it gets no more tools. 0: no limit.",
    )
    searxng_url: str = Field(
        default="",
        description="For web search: address of a SearXNG server whose `search.formats` has `json`. It may be inside.",
    )
    brave_key: str = Field(default="", repr=False, description="For web search: a key of the Brave Search API.")
    brave_key_file: Path | None = Field(default=None, description="A mounted file that holds it instead.")
    tavily_key: str = Field(default="", repr=False, description="For web search: a key of Tavily.")
    tavily_key_file: Path | None = Field(default=None, description="A mounted file that holds it instead.")

    @field_validator("searxng_url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        url = urlsplit(value)
        if value and (url.scheme not in {"http", "https"} or not url.hostname or url.query or "@" in url.netloc):
            raise ValueError("it has to be an http:// or https:// address without password or query")
        return value.rstrip("/")

    def search_key(self, service: str) -> str:
        """The key of `brave` or `tavily`; empty where there is none.

        Raises:
            ConfigError: its file can't be read.
        """
        file: Path | None = getattr(self, f"{service}_key_file")
        key: str = getattr(self, f"{service}_key")
        try:
            found = (file.read_text("utf-8") if file and not key else key).strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = type(error).__name__
            raise ConfigError(f"GEARBOX_{service.upper()}_KEY_FILE can't be read ({reason}).") from None
        if not (found.isascii() and found.isprintable()) or " " in found:
            raise ConfigError(f"GEARBOX_{service.upper()}_KEY is no key: a key has neither spaces nor other letters.")
        return found
