"""The dashboard asks only for what there is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.gearbox import Gearbox, running

ROOT = Path(__file__).resolve().parents[2]
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "gearbox.json").read_text("utf-8"))
QUERIES = [(panel["title"], target["expr"]) for panel in DASHBOARD["panels"] for target in panel["targets"]]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The kind of each metric by its name, as `/metrics` tells them."""
    with running(tmp_path_factory.mktemp("dashboard")) as gearbox:
        yield kinds(gearbox)


def kinds(gearbox: Gearbox) -> dict[str, str]:
    lines = gearbox.ask("GET", "/metrics").text.splitlines()
    return dict(line.split()[2:4] for line in lines if line.startswith("# TYPE"))


def test_every_metric_of_the_dashboard_is_there(told: dict[str, str]) -> None:
    for title, query in QUERIES:
        for name in re.findall(r"\b(?:gearbox|process)_\w+", query):
            base = re.sub(r"_(bucket|sum|count)$", "", name)
            assert name in told or told.get(base) == "histogram", f"{title}: {name}"


def test_every_metric_is_in_the_guide_and_nothing_else(told: dict[str, str]) -> None:
    guide = (ROOT / "docs" / "guide" / "monitoring.md").read_text("utf-8")
    table = [line.split("|")[1] for line in guide.splitlines() if line.startswith("| `")]
    named = {name for cell in table for name in re.findall(r"`(\w+)`", cell)}
    assert named == {name.removeprefix("gearbox_") for name in told if name.startswith("gearbox_")}


def test_panels_do_not_overlap() -> None:
    places: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        mine = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not mine & places, panel["title"]
        assert at["x"] + at["w"] <= 24
        places |= mine
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
