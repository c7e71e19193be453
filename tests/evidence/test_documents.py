"""docs/soc2.md and the guide name files that are there: in the repository and in the zip."""

from __future__ import annotations

import re

import pytest

from tests.evidence.test_evidence import PROMISED
from tests.project.places import ROOT

SOC2 = (ROOT / "docs" / "soc2.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`([\w./-]+\.(?:py|md|csv|json|txt|pem))`", SOC2)))


@pytest.mark.parametrize("path", NAMED)
def test_what_the_page_points_at_is_there(path: str) -> None:
    assert path in PROMISED or (ROOT / path).is_file()


def test_it_says_first_who_attests() -> None:
    assert SOC2.splitlines()[2].startswith("**SOC 2-ready; only an auditor attests.**")


def test_every_series_of_criteria_is_there() -> None:
    told = set(re.findall(r"\*\*((?:CC|A|C|P)\d)", SOC2))
    assert told >= {*(f"CC{number}" for number in range(1, 10)), "A1", "C1", "P1"}
    cells = [line.count(" | ") for line in SOC2.splitlines() if line.startswith("| **")]
    assert set(cells) <= {3, 2}  # an empty cell has one space


def test_every_file_of_the_zip_is_in_the_guide() -> None:
    guide = (ROOT / "docs" / "guide" / "evidence.md").read_text("utf-8")
    names = {path.rpartition("/")[2].removesuffix(".csv") for path in PROMISED if not path.endswith(".json")}
    assert [name for name in sorted(names) if name not in guide] == []
