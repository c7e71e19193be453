from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import VaultError
from core.vault.envelope import Kek, canary_opens, open_, seal, seal_canary
from data.values.calls import KeyOwner
from data.values.secrets import SecretBinding

KEK = Kek(1, bytes(range(32)))
DEPLOYMENT = "d" * 32
BINDING = SecretBinding(
    "secret-1", 1, KeyOwner.USER, "alice", "openai", "https://api.openai.com", datetime(2027, 1, 1, tzinfo=UTC)
)
PLAINTEXT = b"sk-canary-1234567890"

names = st.text(st.characters(codec="utf-8"), max_size=40)
instants = st.none() | st.datetimes(
    min_value=datetime(1971, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)
)
bindings = st.builds(
    SecretBinding,
    secret_id=names,
    version=st.integers(1, 10**6),
    owner_kind=st.sampled_from(KeyOwner),
    owner_id=names,
    provider=names,
    origin=names,
    expires_at=instants,
)
thousand = settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@thousand
@given(st.binary(max_size=4096), bindings, names)
def test_what_was_sealed_opens_for_the_same_binding(plaintext: bytes, binding: SecretBinding, deployment: str) -> None:
    blob, wrapped = seal(plaintext, binding, deployment, KEK)
    assert open_(blob, wrapped, binding, deployment, KEK) == plaintext
    assert len(plaintext) < 8 or plaintext not in blob + wrapped


SEALED = seal(PLAINTEXT, BINDING, DEPLOYMENT, KEK)


def test_any_flipped_bit_is_refused() -> None:
    """Every single bit of blob and wrapped DEK: about 980 cases."""
    cases = 0
    for part in (0, 1):
        for bit in range(len(SEALED[part]) * 8):
            altered = bytearray(SEALED[part])
            altered[bit // 8] ^= 1 << (bit % 8)
            pair = [*SEALED]
            pair[part] = bytes(altered)
            with pytest.raises(VaultError):
                open_(pair[0], pair[1], BINDING, DEPLOYMENT, KEK)
            cases += 1
    assert cases > 900


@thousand
@given(st.data())
def test_any_changed_field_is_refused(data: st.DataObject) -> None:
    field = data.draw(st.sampled_from([*SecretBinding.__slots__, "deployment", "kek_id", "kek"]))
    binding, deployment, kek = BINDING, DEPLOYMENT, KEK
    if field == "deployment":
        deployment = data.draw(names.filter(lambda value: value != DEPLOYMENT))
    elif field == "kek_id":
        kek = Kek(data.draw(st.integers(0, 2**32 - 1).filter(lambda value: value != 1)), KEK.material)
    elif field == "kek":
        kek = Kek(1, data.draw(st.binary(min_size=32, max_size=32).filter(lambda value: value != KEK.material)))
    else:
        change: dict[str, Any] = {field: getattr(data.draw(bindings), field)}
        binding = replace(BINDING, **change)
        if binding == BINDING:
            return
    with pytest.raises(VaultError) as refused:
        open_(*SEALED, binding, deployment, kek)
    assert "canary" not in str(refused.value)


@thousand
@given(bindings, bindings, st.sampled_from(["blob", "dek", "both"]))
def test_swapped_rows_are_refused(one: SecretBinding, two: SecretBinding, swap: str) -> None:
    mine, theirs = seal(b"mine", one, DEPLOYMENT, KEK), seal(b"theirs", two, DEPLOYMENT, KEK)
    blob, dek = {"blob": (theirs[0], mine[1]), "dek": (mine[0], theirs[1]), "both": theirs}[swap]
    if swap == "both" and one == two:
        return
    with pytest.raises(VaultError):
        open_(blob, dek, one, DEPLOYMENT, KEK)


@pytest.mark.parametrize("length", [0, 1, 13, 29])
def test_truncated_records_are_refused(length: int) -> None:
    with pytest.raises(VaultError):
        open_(SEALED[0][:length], SEALED[1], BINDING, DEPLOYMENT, KEK)
    with pytest.raises(VaultError):
        open_(SEALED[0], SEALED[1][:length], BINDING, DEPLOYMENT, KEK)


def test_fields_can_not_run_into_each_other() -> None:
    blob, wrapped = seal(PLAINTEXT, replace(BINDING, owner_id="ab", secret_id="c"), DEPLOYMENT, KEK)
    with pytest.raises(VaultError):
        open_(blob, wrapped, replace(BINDING, owner_id="a", secret_id="bc"), DEPLOYMENT, KEK)


def test_an_expiry_is_the_same_instant_in_any_zone_and_must_have_one() -> None:
    assert BINDING.expires_at is not None
    elsewhere = replace(BINDING, expires_at=BINDING.expires_at.astimezone(timezone(timedelta(hours=9))))
    assert open_(*SEALED, elsewhere, DEPLOYMENT, KEK) == PLAINTEXT
    with pytest.raises(VaultError):
        seal(PLAINTEXT, replace(BINDING, expires_at=datetime(2027, 1, 1)), DEPLOYMENT, KEK)


def test_equal_plaintexts_never_look_equal() -> None:
    sealed = [seal(PLAINTEXT, BINDING, DEPLOYMENT, KEK) for _ in range(100)]
    assert len({blob[2:] for blob, _ in sealed}) == len({wrapped[6:] for _, wrapped in sealed}) == 100


def test_the_header_names_format_algorithm_and_kek() -> None:
    blob, wrapped = seal(PLAINTEXT, BINDING, DEPLOYMENT, Kek(0x01020304, KEK.material))
    assert blob[:2] == b"\x01\x01"
    assert wrapped[:6] == b"\x01\x01\x01\x02\x03\x04"
    assert len(blob) == 2 + 12 + len(PLAINTEXT) + 16
    assert len(wrapped) == 6 + 12 + 32 + 16


def test_the_canary_proves_kek_deployment_and_source() -> None:
    canary = seal_canary(KEK, DEPLOYMENT, "file")
    assert canary_opens(canary, KEK, DEPLOYMENT, "file")
    assert not canary_opens(canary, Kek(1, os.urandom(32)), DEPLOYMENT, "file")
    assert not canary_opens(canary, Kek(2, KEK.material), DEPLOYMENT, "file")
    assert not canary_opens(canary, KEK, "another", "file")
    assert not canary_opens(canary, KEK, DEPLOYMENT, "keyring")
    assert not canary_opens(canary[:-1], KEK, DEPLOYMENT, "file")


def test_a_kek_hides_itself_and_has_32_bytes() -> None:
    assert "material" not in repr(Kek(1, b"k" * 32))
    assert "kkk" not in repr(Kek(1, b"k" * 32))
    with pytest.raises(VaultError):
        Kek(1, b"short")
