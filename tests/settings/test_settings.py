from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from core.config import Settings, load_settings
from core.errors import ConfigError


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"GEARBOX_{name.upper()}", raising=False)


def test_nothing_has_to_be_set() -> None:
    settings = load_settings()
    assert settings.sign_in == "local"
    assert settings.sandbox and settings.local_discovery and settings.warm_up


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GEARBOX_HOME", str(tmp_path))
    monkeypatch.setenv("GEARBOX_SANDBOX", "false")
    monkeypatch.setenv("GEARBOX_LOCAL_ENDPOINTS", '{"mine": "http://127.0.0.1:5000/v1"}')
    settings = load_settings()
    assert settings.store_url == f"sqlite:///{tmp_path / 'gearbox.db'}"
    assert settings.warehouse_path == tmp_path / "warehouse.duckdb"
    assert not settings.sandbox
    assert settings.local_endpoints == {"mine": "http://127.0.0.1:5000/v1"}


def test_a_database_url_takes_the_default_s_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEARBOX_DATABASE_URL", "postgresql+psycopg://gearbox:hunter2@db/gearbox")
    settings = load_settings()
    assert settings.store_url == "postgresql+psycopg://gearbox:hunter2@db/gearbox"
    assert "hunter2" not in repr(settings), "settings end up in logs"


def test_hosts_for_plain_http_are_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().plain_http_hosts == ()
    monkeypatch.setenv("GEARBOX_PLAIN_HTTP_HOSTS", " Box.internal, 10.0.0.7 ,fd00::7,")
    assert load_settings().plain_http_hosts == ("box.internal", "10.0.0.7", "fd00::7")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GEARBOX_PLAIN_HTTP_HOSTS", "http://hunter2"),
        ("GEARBOX_PLAIN_HTTP_HOSTS", "hunter2:8000"),
        ("GEARBOX_PLAIN_HTTP_HOSTS", "*.hunter2"),
        ("GEARBOX_SIGN_IN", "hunter2"),
        ("GEARBOX_KEK_SOURCE", "hunter2"),
        ("GEARBOX_SANDBOX", "hunter2"),
        ("GEARBOX_LOG_LEVEL", "hunter2"),
        ("GEARBOX_LOCAL_ENDPOINTS", '{"mine": ["hunter2"]}'),
        ("GEARBOX_LOCAL_ENDPOINTS", "hunter2"),
    ],
)
def test_a_bad_value_is_refused_by_name_and_never_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as refusal:
        load_settings()
    assert name in str(refusal.value)
    assert "hunter2" not in refusal.value.explain()
    assert refusal.value.__cause__ is None


def test_several_bad_values_are_named_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEARBOX_SANDBOX", "perhaps")
    monkeypatch.setenv("GEARBOX_LOG_LEVEL", "LOUD")
    with pytest.raises(ConfigError, match=r"(?s)(?=.*GEARBOX_SANDBOX)(?=.*GEARBOX_LOG_LEVEL)"):
        load_settings()


def test_settings_do_not_change_while_running() -> None:
    settings = Settings()
    with pytest.raises(ValidationError):
        settings.sandbox = False  # type: ignore[misc]
