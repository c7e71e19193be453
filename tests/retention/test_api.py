"""Retention, holds and receipts by HTTP."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from core.config import Settings
from data.store import OwnerId
from data.values.people import Identity, Person
from tests.api.gearbox import running
from tests.cli.conftest import now
from tests.databases import open_store

ANN = Person("a" * 32, "Ann", now(), "ann@example.org")
HOLD = {"scope": "person", "subject_id": ANN.id, "matter": "Case 7", "reason": "They asked."}


def join(home: Path) -> None:
    """Ann signs in on another replica."""
    store = open_store(Settings(home=home).store_url, owner=OwnerId.current())
    store.users.add(ANN, Identity("https://id.example", "ann"))
    store.close()


def test_from_a_hold_to_a_signed_receipt(tmp_path: Path) -> None:
    with running(tmp_path) as gearbox:
        join(tmp_path)
        made = gearbox.ask("POST", "/api/v1/holds", json=HOLD)
        assert made.status_code == 201 and made.json()["name"] == "Ann", made.text
        hold = f"/api/v1/holds/{made.json()['id']}"
        assert gearbox.ask("POST", "/api/v1/holds", json=HOLD).status_code == 409
        assert gearbox.ask("GET", hold).json() == made.json() == gearbox.ask("GET", "/api/v1/holds").json()["holds"][0]
        refused = gearbox.ask("DELETE", f"/api/people/{ANN.id}")
        assert refused.status_code == 409 and "Case 7" in refused.text
        material = gearbox.ask("POST", f"{hold}/export")
        assert material.headers["content-type"] == "application/zip"
        with zipfile.ZipFile(io.BytesIO(material.content)) as archive:
            assert b"ann@example.org" in archive.read("material.jsonl")
        released = gearbox.ask("POST", f"{hold}/release")
        assert released.json() == {"conversations": 0, "earlier_versions": 0}
        forgotten = gearbox.ask("DELETE", f"/api/people/{ANN.id}")
        assert forgotten.status_code == 200 and forgotten.json()["removed"] == {"identities": 1}
        gearbox.services.audit.export(gearbox.services.actor(), io.BytesIO())  # signs what there is
        receipt = gearbox.ask("GET", f"/api/v1/receipts/{forgotten.json()['id']}").json()
        assert receipt["person_id"] == ANN.id and receipt["proof"]["checkpoint"] >= 1
        assert receipt["id"] == gearbox.ask("GET", "/api/v1/receipts").json()["receipts"][0]["id"]


def test_rules(tmp_path: Path) -> None:
    with running(tmp_path) as gearbox:
        rule = "/api/v1/retention/sign_ins"
        assert gearbox.ask("POST", f"{rule}/preview", json={"days": 30}).json()["rows"] == 0
        assert gearbox.ask("PUT", rule, json={"days": 30}).json()["days"] == 30
        listed = gearbox.ask("GET", "/api/v1/retention").json()
        assert [each["kind"] for each in listed["rules"]] == ["sign_ins"] and "model_calls" in listed["kinds"]
        assert gearbox.ask("PUT", "/api/v1/retention/nothing", json={"days": 30}).status_code == 404
        assert gearbox.ask("PUT", rule, json={"days": 0}).status_code == 400
        assert gearbox.ask("DELETE", rule).status_code == 204
        assert gearbox.ask("DELETE", rule).status_code == 404
