"""Settings: every `GEARBOX_*` environment variable, read once at start.

`docs/configuration.md` describes each of them; a test compares the two.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError
from pydantic_settings import SettingsConfigDict, SettingsError

from core.errors import ConfigError
from core.listed import Hosts, Listed, Networks
from core.telemetry_settings import TelemetrySettings
from core.tool_settings import ToolSettings
from core.usage_settings import UsageSettings

_REPOSITORY = Path(__file__).resolve().parent.parent


class Settings(ToolSettings, UsageSettings, TelemetrySettings):
    """What an operator can set. Nothing here is needed for a first run."""

    model_config = SettingsConfigDict(env_prefix="GEARBOX_", frozen=True, extra="ignore", hide_input_in_errors=True)

    home: Path = Field(
        default=_REPOSITORY / "var",
        description="Folder for everything Gearbox keeps at run time: database, warehouse, key files, checkpoints.",
    )
    database_url: str = Field(
        default="",
        repr=False,
        description="SQLAlchemy URL of the state database. Empty: SQLite in the home folder. "
        "PostgreSQL: `postgresql+psycopg://user:password@host/name`; on another machine with `?sslmode=verify-full`.",
    )
    sign_in: Literal["local", "oidc", "proxy"] = Field(
        default="local",
        description="Sign-in mode. `local`: one owner, no account, loopback only. `oidc`: accounts of an OpenID "
        "Connect provider. `proxy`: a proxy in front signs people in and names them in a header.",
    )
    public_url: str = Field(
        default="",
        description="Where people open Gearbox, for example `https://gearbox.example.org`. Needed for `oidc`, and for "
        "links in what is sent.",
    )
    allowed_hosts: Listed = Field(
        default=(),
        description="More names that Gearbox answers to besides the one in GEARBOX_PUBLIC_URL: a list, `*.example.org` "
        "for all below a name.",
    )
    tls_proxy: bool = Field(
        default=False,
        description="A proxy at GEARBOX_PROXY_ADDRESSES ends TLS, so Gearbox may listen beyond loopback without a "
        "certificate; it then answers these addresses only.",
    )
    proxy_addresses: Networks = Field(
        default=(),
        description="Addresses or networks of the proxies whose X-Forwarded-* and person headers are believed: a list.",
    )
    proxy_user_header: str = Field(
        default="X-Forwarded-Email", description="For `proxy`: the header that names the person."
    )
    proxy_name_header: str = Field(
        default="X-Forwarded-Preferred-Username", description="For `proxy`: the header with the name to show."
    )
    oidc_metadata_url: str = Field(
        default="",
        description="For `oidc`: the provider's `.well-known/openid-configuration`, https:// beyond loopback.",
    )
    oidc_client_id: str = Field(default="", description="For `oidc`: the client id the provider gave out for Gearbox.")
    oidc_client_secret: str = Field(default="", repr=False, description="For `oidc`: the client secret with it.")
    cookie_secret: str = Field(
        default="",
        repr=False,
        description="For `oidc`: signs the identity cookie; 32 random characters or more, the same on every replica.",
    )
    admins: Listed = Field(
        default=(),
        description="Emails of the first admins: a list. They are admins whatever else is said.",
    )
    role_claim: str = Field(
        default="",
        description="The claim (`oidc`) or header (`proxy`) that says which roles people have, as `name` or "
        "`name.inner`. Empty: admins set roles in Gearbox.",
    )
    role_names: dict[str, str] = Field(
        default={},
        description="What the provider calls a role, to Gearbox's name of it: a JSON object, for example "
        '`{"gearbox-admins": "admin"}`.',
    )
    session_hours: int = Field(
        default=168, ge=1, le=8760, description="How long a session lasts at most before one has to sign in again."
    )
    session_idle_hours: int = Field(
        default=24, ge=1, le=8760, description="After how long without any use a session ends."
    )
    rate_limit: int = Field(
        default=600, ge=0, description="Requests to the API a minute, for each person and each address. 0: no limit."
    )
    environment: str = Field(
        default="production",
        max_length=64,
        description="What this deployment is (`production`, `staging`, ...), for feature flags whose rules ask for it.",
    )
    sandbox: bool = Field(
        default=True,
        description="Offer the built-in scripted sandbox provider. Turn it off in production.",
    )
    auto: bool = Field(
        default=True,
        description="Choose models for people who leave that to Gearbox, by what was learned. Off: a fixed default "
        "answers, for everybody; admins can turn it off for some.",
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
    cache_megabytes: int = Field(
        default=64,
        ge=0,
        le=4096,
        description="Memory for answers that are the same every time (embeddings, rankings, transcripts), so that they "
        "are not paid for twice. Each person has their own; nothing is written to disk. 0: no cache.",
    )
    cache_hours: int = Field(default=24, ge=1, le=720, description="How long such an answer is kept at most.")
    cache_chats: bool = Field(
        default=False,
        description="Keep answers of chats at temperature 0 there, too: the same question then gets the same answer.",
    )
    plain_http_hosts: Hosts = Field(
        default=(),
        description="Hosts beyond this machine that may be called over http://, separated by commas. Keys and prompts "
        "to them are not encrypted.",
    )
    inner_hosts: Listed = Field(
        default=(),
        description="Where people sign in: hosts on this machine or your own network that a connection may call, each "
        "`name`, `address` or either with `:port`, separated by commas. Others must be on the public internet. In "
        "`local` mode this machine and private networks may be called anyway.",
    )
    inner_networks: Networks = Field(
        default=(), description="The same for whole networks, such as `10.20.0.0/16`: a list."
    )
    tool_programs: Listed = Field(
        default=(),
        description="Where people sign in: programs that an admin may have Gearbox start as MCP servers, written as in "
        "the command (`npx`, `/opt/tools/search`), separated by commas. In `local` mode any program may be started.",
    )
    fallbacks: Listed = Field(
        default=(),
        description="Models that answer when the chosen one does not, in this order, for everybody who set none of "
        "their own: ids as the chat shows them, `provider/model`, separated by commas.",
    )
    understanding_model: str = Field(
        default="",
        description="A small model, `provider/model`, that may be asked what a prompt wants where Gearbox's own "
        "analysis is in doubt: by those who turn that on in their settings, and booked to them. Empty: none is asked.",
    )
    tool_steps: int = Field(default=10, ge=1, le=50, description="Rounds of tool calls that one answer may take.")
    connect_timeout: float = Field(
        default=10.0, gt=0, le=300, description="Seconds that a provider may take to accept a connection."
    )
    first_token_timeout: float = Field(
        default=180.0, gt=0, le=3600, description="Seconds from a request to its first token."
    )
    silence_timeout: float = Field(
        default=90.0, gt=0, le=3600, description="Seconds that an answer in progress may be silent."
    )
    answer_timeout: float = Field(default=1800.0, gt=0, le=3600, description="Seconds that one call may take in all.")
    answers_per_person: int = Field(
        default=0, ge=0, description="Answers that a person may have in progress at once. 0: no limit."
    )
    calls_per_key: int = Field(
        default=0, ge=0, description="Calls that may be in progress with one provider key. 0: no limit."
    )
    spend_per_person: Decimal = Field(
        default=Decimal(0), ge=0, description="US dollars that a person may spend a day (UTC). 0: no limit."
    )
    spend_per_key: Decimal = Field(
        default=Decimal(0), ge=0, description="US dollars a day (UTC) that one provider key pays for. 0: no limit."
    )
    kek_source: Literal["auto", "keyring", "file", "environment", "transit"] = Field(
        default="auto",
        description="Where the vault's key-encryption key lives. `auto`: the OS keyring if there is one, "
        "else a 0600 file in the home folder. `environment`: GEARBOX_KEK or GEARBOX_KEK_FILE. `transit`: sealed by the "
        "transit engine of OpenBao or HashiCorp Vault.",
    )
    kek: str = Field(
        default="",
        repr=False,
        description="For `environment`: one or more keys, newest first, separated by spaces, as "
        "`python -m core vault new-kek` prints them.",
    )
    kek_file: Path | None = Field(
        default=None, description="For `environment`: a mounted file that holds what GEARBOX_KEK would."
    )
    transit_url: str = Field(default="", description="For `transit`: address of the server, https:// beyond loopback.")
    transit_mount: str = Field(default="transit", description="For `transit`: where the engine is mounted.")
    transit_key: str = Field(default="gearbox", description="For `transit`: name of the key that seals the KEKs.")
    transit_token: str = Field(default="", repr=False, description="For `transit`: the token to call it with.")
    transit_token_file: Path | None = Field(
        default=None, description="For `transit`: a file that holds the token; read anew at each call."
    )
    audit_checkpoint_file: Path | None = Field(
        default=None,
        description="Where the audit log's signed checkpoints are written outside the database: best on another disk. "
        "Without it `audit-checkpoints.jsonl` in the home folder.",
    )
    audit_sink_url: str = Field(
        default="", description="They are also posted to this address as JSON, https:// beyond loopback."
    )
    audit_sink_token: str = Field(
        default="", repr=False, description="Sent to that address as `Authorization: Bearer`."
    )
    audit_syslog: str = Field(
        default="",
        description="They are also sent to this syslog server (RFC 5424): `tls://host:6514`, `tcp://host:601`, "
        "`udp://host:514` or `unix:///dev/log`.",
    )
    audit_patience: int = Field(
        default=60,
        ge=0,
        description="Seconds that address or syslog server may fail before nothing is done with keys any more.",
    )
    warm_up: bool = Field(
        default=True,
        description="Import slow modules in the background after start, so that the first message is fast.",
    )

    @property
    def host_names(self) -> frozenset[str]:
        """The names that a browser may call this server by, besides loopback's own."""
        public = urlsplit(self.public_url).hostname
        return frozenset(name.lower().rstrip(".") for name in (*self.allowed_hosts, *([public] if public else ())))

    @property
    def person_headers(self) -> frozenset[str]:
        """Headers, in lower case, that say who a person is: only a listed proxy may set them."""
        claim = self.role_claim if self.sign_in == "proxy" else ""
        names = (self.proxy_user_header, self.proxy_name_header, claim)
        return frozenset(name.lower() for name in names if name)

    @property
    def store_url(self) -> str:
        """The database URL with the default filled in."""
        return self.database_url or f"sqlite:///{self.home / 'gearbox.db'}"

    @property
    def checkpoint_file(self) -> Path:
        """The audit log's checkpoints outside the database."""
        return self.audit_checkpoint_file or self.home / "audit-checkpoints.jsonl"

    @property
    def warehouse_path(self) -> Path:
        """The DuckDB file."""
        return self.home / "warehouse.duckdb"

    @property
    def exports_path(self) -> Path:
        """Where the usage of closed days is for other processes; they can't open the warehouse file."""
        return self.home / "exports"


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
