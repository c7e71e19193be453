"""From a proven secret to the plaintext of one of its versions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from core.errors import KeyExpired, VaultError
from core.vault.envelope import UserSealKey, open_
from core.vault.head import Proven
from core.vault.ring import KekRing
from core.vault.unlocked import UnlockedSeals
from data.values.actor import Actor
from data.values.secrets import SealedSecret


class Unsealing:
    """Opens what was proven before. Thread-safe; computes only, where the KEK is open already."""

    def __init__(self, deployment: str, ring: KekRing, unlocked: UnlockedSeals, clock: Callable[[], datetime]) -> None:
        self._deployment = deployment
        self._ring = ring
        self._unlocked = unlocked
        self._clock = clock

    def usable(self, proven: Proven) -> SealedSecret:
        """The version that calls use.

        Raises:
            KeyExpired: its date has come.
            VaultError: all were revoked.
        """
        now = self._clock()
        sealed = proven.record.in_use(now)
        if sealed is None:
            raise VaultError("This key was revoked.", "Enter a new one in the settings.")
        expires_at = sealed.binding.expires_at
        if expires_at is not None and sealed.is_expired(now):
            raise KeyExpired(
                f"This key expired on {expires_at:%Y-%m-%d}, so it was not sent; the provider was not asked.",
                "Enter a new key in the settings, or a later expiry date if the provider still takes this one.",
            )
        return sealed

    def is_usable(self, proven: Proven, actor: Actor) -> bool:
        """Whether `usable` and `opened` would succeed, as far as can be told without opening it."""
        sealed = proven.record.in_use(self._clock())
        return (
            sealed is not None
            and not sealed.is_expired(self._clock())
            and (not proven.record.user_sealed or self._unlocked.find(actor) is not None)
        )

    def user_seal(self, proven: Proven, actor: Actor) -> UserSealKey | None:
        """The key of the person's seal for a user-sealed secret; None for any other.

        Raises:
            KeyLocked: it is not unlocked in this session.
        """
        return self._unlocked.get(actor) if proven.record.user_sealed else None

    def opened(self, proven: Proven, sealed: SealedSecret, actor: Actor) -> bytes:
        """The plaintext of one version.

        Raises:
            KeyLocked: see `user_seal`.
            VaultError: its record was tampered with.
        """
        user_seal, kek = self.user_seal(proven, actor), self._ring.get(sealed.kek_id)
        return open_(sealed.blob, sealed.wrapped_dek, sealed.binding, self._deployment, kek, user_seal=user_seal)
