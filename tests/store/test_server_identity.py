"""A PostgreSQL server on another machine must prove who it is."""

from __future__ import annotations

import pytest

from data.store.engine import make_engine
from data.values.errors import StoreError

HERE = ["", "localhost", "127.0.0.1", "[::1]", "/var/run/postgresql"]
ELSEWHERE = ["db.example", "10.0.0.5", "[2001:db8::5]", "localhost,db.example", "127.0.0.1.nip.io"]


def url(host: str, options: str = "") -> str:
    if "/" in host or "," in host:
        return f"postgresql+psycopg://gearbox:pw-7d1f@/state?host={host}&{options}"
    return f"postgresql+psycopg://gearbox:pw-7d1f@{host}/state?{options}"


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGHOST", "PGHOSTADDR", "PGSSLMODE", "PGSERVICE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("host", HERE)
def test_a_server_on_this_machine_needs_nothing(host: str) -> None:
    make_engine(url(host)).dispose()


@pytest.mark.parametrize("host", ELSEWHERE)
@pytest.mark.parametrize("mode", ["", "disable", "allow", "prefer", "require", "verify-ca"])
def test_a_server_elsewhere_is_refused_unless_its_name_is_verified(host: str, mode: str) -> None:
    with pytest.raises(StoreError, match="sslmode=verify-full") as refusal:
        make_engine(url(host, f"sslmode={mode}" if mode else ""))
    assert "sslrootcert" in refusal.value.remedy
    assert "7d1f" not in refusal.value.explain()


@pytest.mark.parametrize("host", ELSEWHERE)
def test_a_server_elsewhere_whose_name_is_verified_is_fine(host: str) -> None:
    make_engine(url(host, "sslmode=verify-full")).dispose()


@pytest.mark.parametrize(
    "options", ["host=localhost&hostaddr=10.0.0.5", "service=elsewhere", "hostaddr=127.0.0.1,10.0.0.5"]
)
def test_no_other_way_of_naming_a_server_gets_past(options: str) -> None:
    with pytest.raises(StoreError, match="verify-full"):
        make_engine(url("", options))


def test_the_environment_counts_as_it_does_for_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "db.example")
    with pytest.raises(StoreError, match="verify-full"):
        make_engine(url(""))
    make_engine(url("localhost")).dispose()
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    make_engine(url("")).dispose()
