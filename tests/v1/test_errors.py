"""What a program goes by when a key can't be used."""

from __future__ import annotations

import pytest

from core.api.v1.errors import failure_body
from core.errors import GearboxError, KeyExpired, KeyLocked, VaultError


@pytest.mark.parametrize(
    ("error", "code"), [(KeyExpired, "key_expired"), (KeyLocked, "key_locked"), (VaultError, "key_not_usable")]
)
def test_keys_that_can_t_be_used_are_told_apart(error: type[GearboxError], code: str) -> None:
    status, body = failure_body(error("It can't be used.", "Enter another."))
    assert (status, body["error"]["type"], body["error"]["code"]) == (403, "permission_error", code)
