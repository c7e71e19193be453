"""What admins may look at: which models rest after failing, and what happens when one does not answer."""

from __future__ import annotations

from dataclasses import dataclass

from core.access.access import Access
from core.access.policy import Permission
from core.config import Settings
from core.providers.circuits import CircuitState
from core.providers.limits import Allowance
from core.providers.precautions import Precautions
from data.values.actor import Actor


@dataclass(frozen=True, slots=True)
class ReliabilityStatus:
    """How calls are looked after in this process.

    `resting` are the open circuits, `fallbacks` the ids of the models that answer for who has set none of their own.
    """

    resting: tuple[CircuitState, ...]
    fallbacks: tuple[str, ...]
    allowance: Allowance


class ReliabilityService:
    """Says how calls are looked after."""

    def __init__(self, access: Access, precautions: Precautions, settings: Settings) -> None:
        self._access = access
        self._precautions = precautions
        self._settings = settings

    def status(self, actor: Actor) -> ReliabilityStatus:
        """How it stands now.

        Raises:
            AccessRefused: the actor manages no models.
        """
        self._access.require(actor, Permission.MANAGE_MODELS)
        resting = tuple(self._precautions.circuits.states())
        return ReliabilityStatus(resting, self._settings.fallbacks, self._precautions.limits.allowance)
