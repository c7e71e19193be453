"""Settings of the usage figures: whose days they count, and what is kept of people who are forgotten."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pydantic import Field
from pydantic_settings import BaseSettings
from tzlocal import get_localzone

from data.values.retention import Forgotten


class UsageSettings(BaseSettings):
    """A part of `core.config.Settings`."""

    time_zone: ZoneInfo | None = Field(
        default=None,
        description="Whose days the pages of numbers count, such as `Europe/Berlin`. None: the server's own.",
    )
    forgotten_usage: Forgotten = Field(
        default=Forgotten.ANONYMISE,
        description="What becomes of a forgotten person's rows in the usage warehouse: `anonymise` keeps the sums and "
        "costs as nobody's, `remove` takes them out.",
    )

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the workspace: two people who look at the same numbers see the same days."""
        return self.time_zone or get_localzone()
