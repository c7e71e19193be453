"""How long an operation may take and how much may come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from data.values.operations import OperationKind

_MIB = 1024 * 1024
_SECONDS = MappingProxyType(
    {
        OperationKind.EMBEDDING: 120.0,
        OperationKind.IMAGE: 300.0,
        OperationKind.IMAGE_EDIT: 300.0,
        OperationKind.SPEECH: 300.0,
        OperationKind.TRANSCRIPTION: 900.0,
        OperationKind.RERANK: 120.0,
        OperationKind.VIDEO: 1800.0,
    }
)
# Pictures and vectors come as JSON text: 2,048 vectors of 3,072 numbers are 130 MiB, and no caller needs that at once.
_BYTES = MappingProxyType(
    {
        OperationKind.EMBEDDING: 64 * _MIB,
        OperationKind.IMAGE: 96 * _MIB,
        OperationKind.IMAGE_EDIT: 96 * _MIB,
        OperationKind.SPEECH: 64 * _MIB,
        OperationKind.TRANSCRIPTION: 16 * _MIB,
        OperationKind.RERANK: 16 * _MIB,
        OperationKind.VIDEO: 256 * _MIB,
    }
)


@dataclass(frozen=True, slots=True)
class OperationLimits:
    """Limits of one operation; a video job is asked for every `poll_seconds`."""

    all_seconds: Mapping[OperationKind, float] = field(default_factory=lambda: _SECONDS)
    all_bytes: Mapping[OperationKind, int] = field(default_factory=lambda: _BYTES)
    poll_seconds: float = 2.0

    def seconds(self, kind: OperationKind) -> float:
        """How long it may take from the first byte out to the last byte in."""
        return self.all_seconds[kind]

    def reply_bytes(self, kind: OperationKind) -> int:
        """How large a reply may be, unpacked."""
        return self.all_bytes[kind]
