"""Gives the metrics to who may see them."""

from __future__ import annotations

from prometheus_client.exposition import choose_encoder

from core.access.access import Access
from core.access.policy import Permission
from core.telemetry.readings import Readings
from core.telemetry.telemetry import Telemetry
from data.values.actor import Actor


class Metrics:
    """What `/metrics` answers.

    Args:
        telemetry: what was counted.
        readings: what is read with each answer.
    """

    def __init__(self, access: Access, telemetry: Telemetry, readings: Readings) -> None:
        self._access = access
        self.telemetry = telemetry
        telemetry.instruments.registry.register(readings)

    def exposition(self, actor: Actor, accept: str) -> tuple[bytes, str]:
        """All metrics as text, and its media type; blocks for some milliseconds.

        Args:
            accept: the header of that name: OpenMetrics where it is asked for, else Prometheus' own format.

        Raises:
            AccessRefused: the actor may not see metrics.
        """
        self._access.require(actor, Permission.SEE_METRICS)
        encode, media_type = choose_encoder(accept)
        return encode(self.telemetry.instruments.registry), media_type
