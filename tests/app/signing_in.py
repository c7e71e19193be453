"""The app behind a real OpenID Connect provider on loopback, and how a browser signs in there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from oidc_provider_mock import User, run_server_in_thread
from playwright.sync_api import Page, expect

from tests.app.server import AppServer

FROM_THE_CLAIM = {
    "GEARBOX_ROLE_CLAIM": "groups",
    "GEARBOX_ROLE_NAMES": '{"gearbox-admins": "admin", "gearbox-analysts": "analyst"}',
}


def user(sub: str, name: str, *groups: str) -> User:
    """Somebody whom the provider knows."""
    claims = {"name": name, "email": f"{name.lower()}@example.org", "email_verified": True}
    return User(sub=sub, claims=claims | ({"groups": list(groups)} if groups else {}))


@contextmanager
def served(folder: Path, people: Sequence[User], roles: Mapping[str, str]) -> Iterator[AppServer]:
    """The app with a provider of its own.

    Args:
        roles: settings that say who is what.
    """
    server = AppServer(folder / "home")
    server.url = f"http://localhost:{server.port}"
    with run_server_in_thread(user_claims=people) as provider:
        server.environment |= {
            "GEARBOX_SIGN_IN": "oidc",
            "GEARBOX_INNER_HOSTS": "127.0.0.1",
            "GEARBOX_PUBLIC_URL": server.url,
            "GEARBOX_OIDC_METADATA_URL": f"http://localhost:{provider.server_port}/.well-known/openid-configuration",
            "GEARBOX_OIDC_CLIENT_ID": "gearbox",
            "GEARBOX_OIDC_CLIENT_SECRET": "not-a-real-one",
            "GEARBOX_COOKIE_SECRET": "c" * 43,
            **roles,
        }
        with server:
            server.wait_warm()
            yield server


def sign_in(page: Page, who: str) -> None:
    """Sign in as the person with this subject."""
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name=who).click()
    expect(page.get_by_placeholder("Message Gearbox")).to_be_visible()
