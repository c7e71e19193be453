"""The folder of run-time files."""

from __future__ import annotations

from pathlib import Path

from core.errors import ConfigError


def make_home(home: Path) -> None:
    """Make the folder of run-time files.

    Raises:
        ConfigError: it can't be made.
    """
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"The folder {home} can't be made: {error.strerror}.",
            "Set GEARBOX_HOME to a folder of this user's.",
        ) from None
