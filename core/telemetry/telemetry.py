"""All that is measured of a process, as one thing to hand around."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.telemetry.gaps import Gaps
from core.telemetry.instruments import Instruments
from core.telemetry.traces import Traces
from data.values.calls import CallIntent, CallOutcome


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Metrics that are pulled, and spans that are sent."""

    instruments: Instruments
    traces: Traces

    def call(self, intent: CallIntent) -> Callable[[CallOutcome, Gaps | None], None]:
        """A call of a model begins; what comes back is told of its end."""
        end_span = self.traces.call(intent, *self.instruments.named(intent))

        def ended(outcome: CallOutcome, gaps: Gaps | None) -> None:
            self.instruments.call_ended(intent, outcome, gaps)
            end_span(outcome)

        return ended
