from __future__ import annotations

import pytest

from core.errors import GearboxError
from core.providers.addresses import clean_base_url, is_loopback, origin_of, port_of, require_encrypted


@pytest.mark.parametrize(
    ("pasted", "cleaned"),
    [
        ("https://api.example.com/v1", "https://api.example.com/v1"),
        ("  https://api.example.com/v1/ \n", "https://api.example.com/v1"),
        ("https://api.example.com/v1/chat/completions", "https://api.example.com/v1"),
        ("https://api.example.com/v1/chat/completions/", "https://api.example.com/v1"),
        ("https://api.example.com/v1/models", "https://api.example.com/v1"),
        ("HTTPS://API.Example.com:443/v1", "https://api.example.com/v1"),
        ("https://api.example.com:8443", "https://api.example.com:8443"),
        ("http://localhost:11434/v1", "http://localhost:11434/v1"),
        ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1"),
    ],
)
def test_what_people_paste_is_cleaned(pasted: str, cleaned: str) -> None:
    assert clean_base_url(pasted) == cleaned
    assert clean_base_url(cleaned) == cleaned


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "api.example.com/v1",
        "ftp://example.com/v1",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https:///v1",
        "https://user:secret@example.com/v1",
        "https://example.com/v1?key=secret",
        "https://example.com/v1#secret",
        "https://example.com\\@evil.example/v1",
        "https://exa mple.com/v1",
        "https://example.com:port/v1",
        "https://example.com:99999/v1",
        "http://127.0.0.1:0/v1",
        "https://example.com/v1\r\nX-Evil: 1",
        "https://exämple.com/v1",
        "https://example.com/" + "a" * 600,
        "http://example.com/v1",
        "http://192.168.1.5:11434/v1",
        "http://127.0.0.1.evil.example/v1",
        "http://localhost.evil.example/v1",
        "http://2130706433/v1",
        "http://169.254.169.254/latest",
        "http://0.0.0.0:8000/v1",
    ],
)
def test_what_can_not_be_an_address_is_refused(pasted: str) -> None:
    with pytest.raises(GearboxError) as refused:
        clean_base_url(pasted)
    assert refused.value.remedy
    assert "secret" not in refused.value.explain()


def test_origins() -> None:
    assert origin_of("https://API.example.com:443/v1/x") == "https://api.example.com"
    assert origin_of("http://localhost:80/v1") == "http://localhost"
    assert origin_of("https://example.com:8443/v1") == "https://example.com:8443"
    assert origin_of("http://[::1]:9/v1") == "http://[::1]:9"
    assert origin_of("https://example.com") != origin_of("https://example.com.evil.example")


def test_loopback_and_ports() -> None:
    assert is_loopback("http://localhost:1/v1")
    assert is_loopback("http://127.8.9.1/v1")
    assert is_loopback("http://[::1]/v1")
    assert is_loopback("http://app.localhost/v1")
    assert not is_loopback("https://example.com")
    assert not is_loopback("http://10.0.0.1")
    assert [port_of(url) for url in ("http://a.example/", "https://a.example/", "http://a.example:5/")] == [80, 443, 5]


ALLOWED = ("box.internal", "10.0.0.7", "fd00::7")


@pytest.mark.parametrize("address", ["http://box.internal:8000/v1", "http://10.0.0.7/v1", "http://[fd00::7]:9/v1"])
def test_hosts_that_an_admin_allows_may_be_called_unencrypted(address: str) -> None:
    assert clean_base_url(address.upper().replace("/V1", "/v1"), ALLOWED) == address
    require_encrypted(address, ALLOWED)
    for allowed in ((), ("internal", "box", "10.0.0", "fd00::")):
        with pytest.raises(GearboxError, match="unencrypted"):
            clean_base_url(address, allowed)
        with pytest.raises(GearboxError, match="unencrypted"):
            require_encrypted(address, allowed)


@pytest.mark.parametrize(
    "address", ["http://evil-box.internal/v1", "http://box.internal.evil.example/v1", "http://10.0.0.70/v1"]
)
def test_the_allow_list_names_whole_hosts(address: str) -> None:
    with pytest.raises(GearboxError):
        clean_base_url(address, ALLOWED)
    with pytest.raises(GearboxError):
        require_encrypted(address, ALLOWED)


def test_what_is_encrypted_or_stays_here_needs_no_allowance() -> None:
    for address in ("https://api.example.com/v1", "http://127.0.0.1:1/v1", "http://localhost/v1", "http://[::1]/v1"):
        require_encrypted(address, ())
