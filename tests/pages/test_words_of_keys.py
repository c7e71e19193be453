"""What pages say of keys, tokens and sessions, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.access.policy import Permission
from data.values.expiry import ExpiryWarning, expiry_warning
from pages import browsers, moments
from pages.keys import said
from pages.settings.tokens import SCOPES

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_every_permission_has_words_for_the_form_of_tokens() -> None:
    assert set(SCOPES) == set(Permission)


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=30), "expires in 30 days"),
        (timedelta(days=6, hours=1), "expires in 7 days"),
        (timedelta(hours=24), "expires within a day"),
        (timedelta(minutes=1), "expires within a day"),
        (timedelta(0), "expired"),
        (-timedelta(days=3), "expired"),
    ],
)
def test_how_long_a_key_has(left: timedelta, words: str) -> None:
    warning = expiry_warning("OpenAI", NOW + left, NOW)
    assert isinstance(warning, ExpiryWarning)
    assert said.left(warning) == words


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(days=2), "2 days ago"),
    ],
)
def test_how_long_ago(passed: timedelta, words: str) -> None:
    assert moments.ago(NOW - passed, NOW) == words


def test_the_last_day_of_a_key_is_all_of_it() -> None:
    assert moments.end_of(NOW.date()) == datetime(2026, 11, 25, 23, 59, 59, tzinfo=UTC)


WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/146.0.0.0 Safari/537.36", "Chrome on Linux"),
        (f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/146.0 Safari/537.36 Edg/146.0", "Edge on Windows"),
        ("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        (f"Mozilla/5.0 (Linux; Android 15; Pixel 9) {WEBKIT} Chrome/146.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.11.1", "Another program"),
        ("", "Another program"),
    ],
)
def test_a_browser_is_named_as_people_know_it(user_agent: str, name: str) -> None:
    assert browsers.name(user_agent) == name
