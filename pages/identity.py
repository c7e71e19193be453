"""Sign-in with OpenID Connect, which Streamlit does: its settings, and reading the identity it vouches for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from streamlit import config
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from core.config import Settings


def auth_secrets(settings: Settings) -> dict[str, Any] | None:
    """What `st.login` has to know; None where nobody signs in that way.

    The cookie secret also signs the login's own short-lived cookie, which every replica has to be able to read.
    """
    if settings.sign_in != "oidc":
        return None
    config.set_option("server.cookieSecret", settings.cookie_secret)
    return {
        "auth": {
            "redirect_uri": f"{settings.public_url.rstrip('/')}/oauth2callback",
            "cookie_secret": settings.cookie_secret,
            "client_id": settings.oidc_client_id,
            "client_secret": settings.oidc_client_secret,
            "server_metadata_url": settings.oidc_metadata_url,
        }
    }


class IdentityCookies:
    """Reads the claims of the ID token that Streamlit has verified and signed into its cookies."""

    def __init__(self, settings: Settings) -> None:
        self._secret = settings.cookie_secret if settings.sign_in == "oidc" else ""

    def __call__(self, cookies: Mapping[str, str]) -> Mapping[str, Any] | None:
        """The claims; None where there are none, or the signature is not ours."""
        if not self._secret:
            return None

        def opened(name: str) -> bytes | None:
            value = cookies.get(name)
            return (
                None if value is None else decode_signed_value(self._secret, name, value.encode("latin-1", "replace"))
            )

        payload = get_cookie_with_chunks(opened, USER_COOKIE_NAME)
        claims = json.loads(payload) if payload else None
        return claims if isinstance(claims, dict) and claims.get("is_logged_in") is True else None
