"""Settings: every `GEARBOX_*` environment variable, read once at start.

`docs/configuration.md` describes each of them; a test compares the two.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from core.errors import ConfigError

_REPOSITORY = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """What an operator can set. Nothing here is needed for a first run."""

    model_config = SettingsConfigDict(env_prefix="GEARBOX_", frozen=True, extra="ignore", hide_input_in_errors=True)

    home: Path = Field(
        default=_REPOSITORY / "var",
        description="Folder for everything Gearbox keeps at run time: database, warehouse, key file.",
    )
    database_url: str = Field(
        default="",
        repr=False,
        description="SQLAlchemy URL of the state database. Empty: SQLite in the home folder. "
        "PostgreSQL: `postgresql+psycopg://user:password@host/name`.",
    )
    sign_in: Literal["local"] = Field(
        default="local",
        description="Sign-in mode. `local`: one owner, no account, loopback only.",
    )
    sandbox: bool = Field(
        default=True,
        description="Offer the built-in scripted sandbox provider. Turn it off in production.",
    )
    local_discovery: bool = Field(
        default=True,
        description="Look for OpenAI-compatible servers on this machine (Ollama, LM Studio, llama.cpp, vLLM).",
    )
    local_endpoints: dict[str, str] = Field(
        default={
            "ollama": "http://127.0.0.1:11434/v1",
            "lmstudio": "http://127.0.0.1:1234/v1",
            "llamacpp": "http://127.0.0.1:8080/v1",
            "vllm": "http://127.0.0.1:8000/v1",
        },
        description="Where to look for them: a JSON object, name to base URL.",
    )
    kek_source: Literal["auto", "keyring", "file"] = Field(
        default="auto",
        description="Where the vault's key-encryption key lives. `auto`: the OS keyring if there is one, "
        "else a 0600 file in the home folder.",
    )
    warm_up: bool = Field(
        default=True,
        description="Import slow modules in the background after start, so that the first message is fast.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="How much the server log says."
    )

    @property
    def store_url(self) -> str:
        """The database URL with the default filled in."""
        return self.database_url or f"sqlite:///{self.home / 'gearbox.db'}"

    @property
    def warehouse_path(self) -> Path:
        """The DuckDB file."""
        return self.home / "warehouse.duckdb"


def load_settings() -> Settings:
    """Read the environment.

    Raises:
        ConfigError: names each bad variable and what is wrong with it; values are never repeated.
    """
    try:
        return Settings()
    except ValidationError as error:
        faults = "; ".join(f"GEARBOX_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
        raise ConfigError(f"Bad settings: {faults}.", "See docs/configuration.md.") from None
    except SettingsError as error:
        # Raised for the variables that hold JSON; its words name the field and repeat nothing of the value.
        fields = [name for name in Settings.model_fields if f'"{name}"' in str(error)]
        names = ", ".join(f"GEARBOX_{name.upper()}" for name in fields)
        raise ConfigError(
            f"Bad settings: {names} can't be read: it is not JSON.", "See docs/configuration.md."
        ) from None
