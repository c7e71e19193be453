"""The bill of materials: valid by CycloneDX's own schema, and true to what is installed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib.metadata import distributions, version
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from jsonschema import Draft7Validator
from rfc3986_validator import validate_rfc3986

from core.evidence.software import bill_of_materials, this_release

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def is_an_address(value: object) -> bool:
    """Stricter than the schema: ours are all URIs. What checks IRIs makes `import jsonschema` take seconds."""
    return bool(validate_rfc3986(str(value), rule="URI_reference"))


Draft7Validator.FORMAT_CHECKER.checks("iri-reference")(is_an_address)


@pytest.fixture(scope="module")
def written() -> bytes:
    return bill_of_materials(this_release(), "deployment", NOW)


@pytest.fixture(scope="module")
def bill(written: bytes) -> Any:
    return json.loads(written)


def test_it_is_valid(written: bytes) -> None:
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(written.decode()) is None
    assert validator.validate_str(written.decode().replace('"SHA-256"', '"SHA-257"')) is not None
    assert validator.validate_str(written.decode().replace('"https://', '"https:// ')) is not None


def test_it_lists_what_is_installed(bill: Any) -> None:
    listed = {part["name"]: part for part in bill["components"]}
    assert len(listed) == len(bill["components"]) == len({dist.name.lower() for dist in distributions()})
    for name in ("cryptography", "streamlit", "sqlalchemy", "litellm"):
        part = listed[name]
        assert part["version"] == version(name)
        assert part["purl"] == f"pkg:pypi/{name}@{version(name)}"
    assert bill["metadata"]["component"]["version"] == this_release().version == "0.1.0"


def test_licences_and_locked_hashes_are_there(bill: Any) -> None:
    parts = bill["components"]
    assert [part["name"] for part in parts if not part.get("licenses")] == []
    hashed = [part for part in parts if "externalReferences" in part]
    assert len(hashed) > 0.9 * len(parts)
    lock = (Path(__file__).parents[2] / "uv.lock").read_text()
    for part in hashed:
        (reference,) = part["externalReferences"]
        assert f'"{reference["url"]}", hash = "sha256:{reference["hashes"][0]["content"]}"' in lock


def test_who_depends_on_whom(bill: Any) -> None:
    needs = {each["ref"].partition("@")[0]: each.get("dependsOn", []) for each in bill["dependencies"]}
    assert f"cryptography@{version('cryptography')}" in needs["gearbox"]
    assert f"starlette@{version('starlette')}" in needs["streamlit"]


def test_it_is_the_same_at_the_same_moment(written: bytes) -> None:
    assert bill_of_materials(this_release(), "deployment", NOW) == written


def test_without_the_checkout_it_says_what_is_installed_all_the_same(tmp_path: Path) -> None:
    release = this_release(tmp_path)
    assert (release.version, release.lock) == ("unknown", None)
    bill = bill_of_materials(release, "deployment", NOW).decode()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill) is None
    assert "SHA-256" not in bill
