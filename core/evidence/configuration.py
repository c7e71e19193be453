"""The configuration attestation: the settings in force, without secrets, and what holds whatever they are."""

from __future__ import annotations

import platform
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from core.access.tokens import PREFIX
from core.api.headers import SECURITY_HEADERS, STRICT_TRANSPORT
from core.config import Settings
from core.evidence.software import Release
from core.evidence.sources import Sources
from core.logs import redact
from data.store.audit_chain import instant

CONTROLS = (
    ("Gearbox keeps no passwords: people come in by the identity provider, a listed proxy, or on loopback as the one "
     "owner of the machine.", "core/access/sign_in.py", "tests/access/test_sign_in.py"),
    ("Sessions are known to the server, and end everywhere within five seconds.",
     "core/access/standing.py", "tests/access/test_sessions.py"),
    ("API tokens hold 256 random bits, are shown once, and are kept as SHA-256.",
     "core/access/tokens.py", "tests/access/test_tokens.py"),
    ("Beyond loopback the start is refused without a certificate or a declared proxy that ends TLS.",
     "core/api/listening.py", "tests/api/test_listening.py"),
    ("Certificates of providers are checked, and no setting switches that off.",
     "core/providers/direct_transport.py", "tests/gateway/test_encryption.py"),
    ("Provider keys are sealed with AES-256-GCM under a key of their own, bound to owner, provider, origin and expiry.",
     "core/vault/envelope.py", "tests/vault/test_envelope.py"),
    ("No key is opened before the intent to do so is on disk in the audit log.",
     "data/store/audit.py", "tests/audit/test_failing_closed.py"),
    ("The audit log is append-only, hash-chained, and signed with Ed25519 in checkpoints that also lie outside the "
     "database.", "core/audit/verify.py", "tests/audit/test_tampering.py"),
)  # fmt: skip
"""What holds whatever is set: the words, where it is enforced, and what tests it."""


def attestation(sources: Sources, release: Release, surface: str) -> dict[str, object]:
    """Everything about how Gearbox is set up, as the process that makes the export sees it."""
    settings = sources.settings
    return {
        "made_at": instant(sources.now),
        "read_by": f"the process that made this export ({surface})",
        "deployment": sources.store.deployment_id,
        "software": {
            "gearbox": release.version,
            "uv_lock_sha256": release.lock,
            "python": f"{platform.python_implementation()} {platform.python_version()}",
            "platform": platform.platform(),
            "openssl": ssl.OPENSSL_VERSION,
        },
        "sign_in": {
            "mode": settings.sign_in,
            "passwords_kept": False,
            "session_hours": settings.session_hours,
            "session_idle_hours": settings.session_idle_hours,
            "api_token_prefix": PREFIX,
        },
        "transport": {
            "public_url": _text(settings.public_url),
            "tls_ended_by_declared_proxy": settings.tls_proxy,
            "plain_http_hosts": list(settings.plain_http_hosts),
            "headers_of_every_response": dict(SECURITY_HEADERS),
            "strict_transport_security_where_encrypted": STRICT_TRANSPORT,
        },
        "database": _database(settings.store_url),
        "settings": {f"GEARBOX_{name.upper()}": shown for name, shown in _settings(settings)},
        "controls": [
            {"statement": words, "enforced_in": module, "tested_in": test} for words, module, test in CONTROLS
        ],
    }


def _settings(settings: Settings) -> list[tuple[str, Mapping[str, object]]]:
    def shown(name: str) -> object:
        value = getattr(settings, name)
        if not Settings.model_fields[name].repr:  # how `Settings` marks secrets
            return "[set, not shown]" if value else ""
        return _plain(value)

    return [
        (name, {"value": shown(name), "is_default": name not in settings.model_fields_set})
        for name in sorted(Settings.model_fields)
    ]


def _plain(value: Any) -> object:
    if isinstance(value, dict):
        return {_text(str(name)): _plain(each) for name, each in value.items()}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, bool | int | None):
        return value
    return _text(str(value))


def _text(text: str) -> str:
    """The text without what looks like a key; an address without its user, password and query."""
    parts = urlsplit(text)
    if parts.scheme and parts.netloc:
        text = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    return redact(text)


def _database(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    kind = parts.scheme.partition("+")[0]
    if kind == "sqlite":
        return {"kind": kind, "file": Path(parts.path).name}
    sslmode = parse_qs(parts.query).get("sslmode", [""])[0]
    return {"kind": kind, "host": parts.hostname or "a local socket", "sslmode": sslmode or "not set"}
