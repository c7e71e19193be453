"""What is in an export, and that it is true."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sqlalchemy import create_engine, text

from core.access.arrival import Arrival
from core.config import Settings
from core.errors import AccessRefused, GearboxError, StoreError
from core.evidence.configuration import CONTROLS
from data.values.actor import Actor, Role, Surface
from data.values.audit import Action
from tests.evidence.house import OPERATOR, SETTINGS, House
from tests.project.places import ROOT

PROMISED = {
    "README.txt", "SHA256SUMS", "manifest.json", "audit/verification.json", "audit/public-key.pem",
    "configuration/attestation.json", "software/sbom.cdx.json",
    *(f"{table}.{ending}" for ending in ("csv", "json") for table in (
        "access/people", "access/teams", "access/sessions", "access/api-tokens", "access/changes", "keys/inventory",
        "keys/keks", "keys/kek-rotations", "keys/signing-keys", "keys/rotation-log", "changes/flags",
        "changes/settings", "audit/checkpoints",
    )),
}  # fmt: skip


def test_everything_promised_is_there_with_its_hash(house: House, tmp_path: Path) -> None:
    found = house.export()
    assert set(found.files) == PROMISED
    assert found.evidence.name == "gearbox-evidence-2026-11-28T120000Z.zip"
    assert found.evidence.log_is_whole
    manifest = found.json("manifest.json")
    assert {file["path"] for file in manifest["files"]} == PROMISED - {"manifest.json", "SHA256SUMS"}
    for file in manifest["files"]:
        content = found.files[file["path"]]
        assert (file["size"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest()), file["path"]
        assert file["path"].rpartition(".")[0] in found.files["README.txt"].decode() or file["path"] == "README.txt"
    assert manifest["rows"]["keys/inventory"] == len(found.rows("keys/inventory"))
    for path, content in found.files.items():
        (tmp_path / "out" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "out" / path).write_bytes(content)
    check = ["sha256sum", "--strict", "-c", "SHA256SUMS"]
    run = subprocess.run(check, cwd=tmp_path / "out", capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout.count(": OK")) == (0, len(PROMISED) - 1), run.stdout + run.stderr
    (tmp_path / "out" / "access" / "people.csv").write_text("nobody\n")
    assert subprocess.run(check, cwd=tmp_path / "out", capture_output=True, check=False).returncode == 1


def test_the_log_names_the_manifest_of_each_export(house: House) -> None:
    found = house.export()
    assert house.told(Action.EXPORT) == [("operator", "intent"), ("operator", "done")]
    digest = hashlib.sha256(found.files["manifest.json"]).hexdigest()
    with house.store.audit_walk.begin() as walk:
        bodies = [event[3] for event in walk.events() if event[6] == "data.export"]
    assert digest == found.evidence.manifest_sha256
    assert digest in bodies[-1]


def test_the_access_review_is_the_database(house: House) -> None:
    found = house.export()
    people = {row["person_id"]: row for row in found.rows("access/people")}
    assert set(people) == {"alice", "bob", "local-owner"}
    alice, bob, owner = people["alice"], people["bob"], people["local-owner"]
    assert (alice["status"], alice["roles"], alice["teams"]) == ("active", ["analyst", "member"], ["Research"])
    assert (alice["live_tokens"], alice["email"], owner["live_sessions"]) == (2, None, 0)
    assert (bob["status"], bob["deactivated_at"]) == ("deactivated", "2026-11-23T12:00:00.000000Z")
    assert owner["roles"] == ["admin", "analyst", "member"]
    assert b"'=HYPERLINK(bob)" in found.files["access/people.csv"]  # a spreadsheet does not run it
    (team,) = found.rows("access/teams")
    assert (team["name"], team["member_ids"], team["member_names"]) == ("Research", ["alice"], ["alice"])
    tokens = {row["token_id"]: row for row in found.rows("access/api-tokens")}
    token = tokens[house.ids["token"]]
    assert (token["name"], token["person"], token["scopes"]) == ("nightly", "alice", ["see_all_usage"])
    assert (token["status"], token["age_days"], token["last_used_at"]) == ("live", 5, None)
    assert token["expires_at"] == "2026-12-02T12:00:00.000000Z"
    done = [(row["action"], row["target"]) for row in found.rows("access/changes")]
    assert ("person.roles", "person:alice") in done
    assert ("person.deactivate", "person:bob") in done
    assert ("token.create", f"token:{house.ids['token']}") in done


def test_sessions_are_those_that_go_on(house: House) -> None:
    assert house.export().rows("access/sessions") == []  # five days without any use
    house.gate.sign_in.begin(Arrival(address="127.0.0.1", user_agent="Browser 2"))
    (row,) = house.export().rows("access/sessions")
    (owner,) = (row for row in house.export().rows("access/people") if row["person_id"] == "local-owner")
    assert owner["live_sessions"] == 1
    assert (row["person_id"], row["mode"], row["address"], row["user_agent"]) == (
        "local-owner", "local", "127.0.0.1", "Browser 2",
    )  # fmt: skip


def test_the_key_inventory_is_the_database(house: House) -> None:
    found = house.export()
    rows = {(row["key_id"], row["version"]): row for row in found.rows("keys/inventory")}
    old, new = rows[house.ids["own"], 1], rows[house.ids["own"], 2]
    assert (old["state"], old["age_days"], old["grace_until"]) == ("in_grace", 5, "2026-11-30T12:00:00.000000Z")
    assert (new["state"], new["age_days"], new["owner_name"]) == ("current", 0, "alice")
    assert old["expires_at"] == "2027-01-02T12:00:00.000000Z"
    team, sealed = rows[house.ids["team key"], 1], rows[house.ids["sealed"], 1]
    assert (team["owner"], team["owner_id"], team["owner_name"]) == ("team", house.ids["team"], "Research")
    assert (team["user_sealed"], sealed["user_sealed"]) == (False, True)
    assert {row["algorithm"] for row in rows.values()} == {"AES-256-GCM"}
    assert {row["kek_id"] for row in rows.values()} == {2}
    assert [row["state"] for row in found.rows("keys/keks")] == ["retired", "active"]
    (rotation,) = found.rows("keys/kek-rotations")
    assert (rotation["from_kek"], rotation["to_kek"], rotation["next_step"]) == (1, 2, "done")
    log = [(row["action"], row["target"]) for row in found.rows("keys/rotation-log")]
    assert ("key.rotate", f"secret:{house.ids['own']}") in log
    assert ("kek.retire", "kek:1") in log
    assert log == [(row["action"], row["target"]) for row in house.export().rows("keys/rotation-log")]


def test_logs_cover_the_period(house: House) -> None:
    now = house.clock()
    assert {row["at"][:10] for row in house.export().rows("keys/rotation-log")} == {"2026-11-23", "2026-11-28"}
    late = house.export(since=now - timedelta(days=1))
    assert {row["at"][:10] for row in late.rows("keys/rotation-log")} == {"2026-11-28"}
    assert late.rows("access/changes") == []
    assert b"from 2026-11-27 12:00:00 until 2026-11-28" in late.files["README.txt"]
    early = house.export(until=now - timedelta(days=1))
    assert {row["at"][:10] for row in early.rows("keys/rotation-log")} == {"2026-11-23"}
    assert early.json("manifest.json")["period"] == {"since": None, "until": "2026-11-27T12:00:00.000000Z"}
    assert len(early.rows("keys/inventory")) == len(late.rows("keys/inventory"))  # lists are of now
    with pytest.raises(GearboxError, match="empty"):
        house.export(since=now, until=now - timedelta(days=1))


def test_logs_longer_than_a_page_are_whole(house: House) -> None:
    house.log.write(2_345)
    rows = house.export().rows("changes/settings")
    assert len({row["seq"] for row in rows}) == len(rows) == 2_346
    assert [row["at"] for row in rows] == sorted((row["at"] for row in rows), reverse=True)
    assert house.export().rows("changes/flags") == []


def test_the_verification_is_real_and_its_signatures_verify(house: House) -> None:
    found = house.export()
    key = load_pem_public_key(found.files["audit/public-key.pem"])
    assert isinstance(key, Ed25519PublicKey)
    report = found.json("audit/verification.json")
    assert (report["verdict"], report["findings"]) == ("whole", [])
    assert report["events"] == found.json("manifest.json")["audit_log"] == "whole" or report["events"] > 10
    rows = found.rows("audit/checkpoints")
    assert rows
    for row in rows:
        key.verify(bytes.fromhex(row["signature"]), row["body"].encode())
        assert hashlib.sha256(row["body"].encode()).hexdigest() == row["hash"]
    with pytest.raises(InvalidSignature):
        key.verify(bytes.fromhex(rows[0]["signature"]), rows[0]["body"].replace("events", "Events").encode())


def test_a_broken_log_is_said_and_the_rest_is_there(house: House) -> None:
    house.export()
    engine = create_engine(house.settings.store_url)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER audit_events_guard_update"))
        else:
            connection.execute(text("ALTER TABLE audit_events DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE audit_events SET body = 'nothing' WHERE action = 'person.roles'"))
    engine.dispose()
    found = house.export()
    assert not found.evidence.log_is_whole
    report = found.json("audit/verification.json")
    assert report["verdict"] == "broken"
    assert "edited" in {finding["kind"] for finding in report["findings"]}
    assert b"IT IS BROKEN" in found.files["README.txt"]
    (roles,) = (row for row in found.rows("access/changes") if row["action"] == "person.roles")
    assert roles["details"] == '"unreadable"'


def test_no_secret_is_in_any_byte(house: House) -> None:
    canaries = [secret.encode() for secret in house.secrets]
    canaries += [base64.b64encode(secret) for secret in canaries]
    canaries += [kek.strip() for kek in house.kek_files()]
    canaries += [value.encode() for value in SETTINGS.values() if isinstance(value, str) and value]
    canaries += [b"canary-password", b"canary-query", b"sk-canary"]
    assert len(house.kek_files()) == 2
    found = house.export()
    assert [(path, canary) for path, content in found.files.items() for canary in canaries if canary in content] == []
    names = [row["name"] for row in found.rows("access/api-tokens")]
    assert "sk-[redacted]" in names  # a key that somebody typed into the wrong field


def test_the_attestation_is_the_settings(house: House) -> None:
    told = house.export().json("configuration/attestation.json")
    settings = told["settings"]
    assert set(settings) == {f"GEARBOX_{name.upper()}" for name in Settings.model_fields}
    assert settings["GEARBOX_OIDC_CLIENT_SECRET"] == {"value": "[set, not shown]", "is_default": False}
    assert settings["GEARBOX_KEK"] == {"value": "", "is_default": True}
    assert settings["GEARBOX_TRANSIT_URL"]["value"] == "https://vault.example.org:8200/"
    assert settings["GEARBOX_KEK_SOURCE"] == {"value": "file", "is_default": False}
    lock = hashlib.sha256((ROOT / "uv.lock").read_bytes()).hexdigest()
    assert told["software"]["uv_lock_sha256"] == lock
    assert told["sign_in"] == {
        "mode": "local", "passwords_kept": False, "session_hours": 168, "session_idle_hours": 24,
        "api_token_prefix": "gbx_",
    }  # fmt: skip
    assert "frame-ancestors 'none'" in told["transport"]["headers_of_every_response"]["content-security-policy"]
    assert told["database"]["kind"] in {"sqlite", "postgresql"}


def test_every_setting_that_sounds_like_a_secret_is_one() -> None:
    sounding = {name for name in Settings.model_fields if name.endswith(("secret", "token", "password", "kek"))}
    assert sounding
    assert [name for name in sounding if Settings.model_fields[name].repr] == []


@pytest.mark.parametrize(("words", "module", "test"), CONTROLS)
def test_what_is_attested_is_enforced_and_tested_somewhere(words: str, module: str, test: str) -> None:
    assert (ROOT / module).is_file(), words
    assert (ROOT / test).is_file(), words


@pytest.mark.parametrize(
    ("roles", "scopes"),
    [({Role.MEMBER}, None), ({Role.MEMBER, Role.ANALYST}, None), (set(Role), {"chat", "see_audit"})],
)
def test_whoever_may_not_is_refused_and_the_log_says_so(
    house: House, roles: set[Role], scopes: set[str] | None
) -> None:
    scope = frozenset(scopes) if scopes is not None else None
    actor = Actor("alice", frozenset(roles), Surface.API, scopes=scope, session_id=house.ids["token"] if scope else "")
    with pytest.raises(AccessRefused):
        house.export(actor)
    assert house.told(Action.ACCESS_REFUSED) == [("alice", "refused")]
    assert house.told(Action.EXPORT) == []


def test_a_token_with_the_scope_is_enough(house: House) -> None:
    actor = Actor(
        "alice", frozenset(Role), Surface.API, scopes=frozenset({"export_evidence"}), session_id=house.ids["token"]
    )
    assert set(house.export(actor).files) == PROMISED


class Full:
    """A disk without space."""

    def write(self, _content: bytes) -> int:
        raise OSError(28, "No space left on device")

    def tell(self) -> int:
        return 0

    def flush(self) -> None:
        """Nothing waits."""

    def seekable(self) -> bool:
        return False


def test_an_export_that_fails_is_in_the_log(house: House) -> None:
    with pytest.raises(OSError, match="space"):
        house.service.write(OPERATOR, Full())  # type: ignore[arg-type]
    assert house.told(Action.EXPORT) == [("operator", "intent"), ("operator", "failed")]


def test_without_an_audit_log_there_is_no_evidence(house: House, tmp_path: Path) -> None:
    house.store.close()
    with (tmp_path / "evidence.zip").open("wb") as file, pytest.raises((GearboxError, StoreError)):
        house.service.write(OPERATOR, file)
    assert not zipfile.is_zipfile(tmp_path / "evidence.zip")
