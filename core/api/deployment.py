"""Settings that only make sense together: checked before anything is opened or written."""

from __future__ import annotations

from urllib.parse import urlsplit

from core.api.peer import is_loopback
from core.config import Settings
from core.errors import ConfigError

_GUIDE = "See docs/guide/deploying.md."
_COOKIE_SECRET_CHARS = 32


def check_deployment(settings: Settings) -> None:
    """Refuse what would leave Gearbox open, or leave nobody able to sign in.

    Raises:
        ConfigError: names the settings and what to set.
    """
    if settings.tls_proxy and not settings.proxy_addresses:
        raise ConfigError(
            "GEARBOX_TLS_PROXY says that a proxy ends TLS, but not which.",
            f"List its address in GEARBOX_PROXY_ADDRESSES, for example 127.0.0.1. {_GUIDE}",
        )
    if settings.sign_in == "proxy" and not settings.proxy_addresses:
        raise ConfigError(
            "GEARBOX_SIGN_IN=proxy needs to know whose word to take: anybody can send "
            f"the header {settings.proxy_user_header}.",
            f"List the proxy's address in GEARBOX_PROXY_ADDRESSES, for example 127.0.0.1. {_GUIDE}",
        )
    if settings.public_url and not _is_safe(settings.public_url):
        raise ConfigError(
            "GEARBOX_PUBLIC_URL is not an https:// address.", f"For example https://gearbox.example.org. {_GUIDE}"
        )
    if settings.sign_in == "oidc":
        _check_oidc(settings)


def _check_oidc(settings: Settings) -> None:
    needed = ("public_url", "oidc_metadata_url", "oidc_client_id", "oidc_client_secret", "cookie_secret")
    missing = [f"GEARBOX_{name.upper()}" for name in needed if not getattr(settings, name)]
    if missing:
        raise ConfigError(f"GEARBOX_SIGN_IN=oidc also needs {', '.join(missing)}.", _GUIDE)
    if not _is_safe(settings.oidc_metadata_url):
        raise ConfigError(
            "GEARBOX_OIDC_METADATA_URL is not an https:// address: who answers there decides who signs in.",
            f"Plain http:// works on this machine only. {_GUIDE}",
        )
    if len(settings.cookie_secret) < _COOKIE_SECRET_CHARS:
        raise ConfigError(
            f"GEARBOX_COOKIE_SECRET is shorter than {_COOKIE_SECRET_CHARS} characters: identities could be forged.",
            'Make one: python -c "import secrets; print(secrets.token_urlsafe(32))". All replicas need the same.',
        )


def _is_safe(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
