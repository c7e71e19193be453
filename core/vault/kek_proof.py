"""What a new KEK has to show before anything is sealed with it."""

from __future__ import annotations

import hmac
import os
from typing import TYPE_CHECKING

from core.errors import VaultError, WrongKek
from core.vault.envelope import KEY_BYTES, Kek, open_, seal
from core.vault.kek import MadeKek
from data.values.calls import KeyOwner
from data.values.keks import RotationRecord
from data.values.secrets import SecretBinding

if TYPE_CHECKING:
    from core.vault.ring import KekRing

_PROBE = SecretBinding("probe", 1, KeyOwner.SYSTEM, "", "probe", "")


def require_new(made: MadeKek, rotation: RotationRecord, ring: KekRing) -> Kek:
    """The KEK that a source made, which must not be the one that it is to replace.

    Raises:
        VaultError: it is; nothing would be gained by re-wrapping.
    """
    if hmac.compare_digest(made.material, ring.get(rotation.from_kek).material):
        raise VaultError(
            "The newest key that was handed in is the one that is active already.",
            "Put what `python -m core vault new-kek` prints in front of it, in every process's GEARBOX_KEK or "
            "GEARBOX_KEK_FILE, then rotate again.",
        )
    return Kek(rotation.to_kek, made.material)


def require_round_trip(kek: Kek, deployment: str) -> None:
    """Seal something with it and open that again.

    Raises:
        WrongKek: it did not come back.
    """
    probe = os.urandom(KEY_BYTES)
    if open_(*seal(probe, _PROBE, deployment, kek), _PROBE, deployment, kek) != probe:
        raise WrongKek(f"What KEK v{kek.kek_id} seals does not come back.", "Check this machine's memory.")
