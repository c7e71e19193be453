"""What is told from the warehouse: the part of the composition that reads it."""

from __future__ import annotations

from dataclasses import dataclass

from core.access.access import Access
from core.quality import QualityService
from core.usage import UsageService
from data.warehouse.writer import WarehouseWriter


@dataclass(frozen=True)
class Reports:
    """Usage for everybody, quality for analysts."""

    usage: UsageService
    quality: QualityService


def make_reports(access: Access, writer: WarehouseWriter) -> Reports:
    """Both over the one warehouse."""
    return Reports(UsageService(access, writer), QualityService(access, writer))
