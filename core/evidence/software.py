"""What runs: the release, and every installed package as a CycloneDX bill of materials (SBOM)."""

from __future__ import annotations

import hashlib
import tomllib
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.dependency import Dependency
from cyclonedx.model.license import License, LicenseAcknowledgement, LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import InvalidRequirement, Requirement
from packaging.tags import parse_tag
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

_ROOT = Path(__file__).resolve().parents[2]
_LONGEST_LICENSE = 100  # what is longer is the licence's text, whose first line may name it
_UNKNOWN = {"", "UNKNOWN"}
_DECLARED = LicenseAcknowledgement.DECLARED


@dataclass(frozen=True, slots=True)
class Release:
    """Gearbox as it runs. `lock` is the SHA-256 of uv.lock, None where it was not installed from one."""

    version: str
    requires: tuple[str, ...]
    lock: str | None
    archives: Mapping[tuple[str, str], list[tuple[str, str]]]
    """Name and version of a package to its locked wheels: their address and SHA-256."""


def this_release(root: Path = _ROOT) -> Release:
    """The release in this folder."""
    project = _toml(root / "pyproject.toml").get("project", {})
    lock = root / "uv.lock"
    archives = {
        (str(each["name"]), str(each.get("version", ""))): [
            (str(wheel.get("url", "")), str(wheel.get("hash", "")).removeprefix("sha256:"))
            for wheel in each.get("wheels", ())
        ]
        for each in _toml(lock).get("package", ())
    }
    digest = hashlib.sha256(lock.read_bytes()).hexdigest() if lock.is_file() else None
    return Release(project.get("version", "unknown"), tuple(project.get("dependencies", ())), digest, archives)


def bill_of_materials(release: Release, deployment_id: str, now: datetime) -> bytes:
    """Every package that is installed beside Gearbox, as CycloneDX 1.6 JSON: from the metadata of what is installed."""
    installed = dict(sorted(_installed()))
    root = Component(
        name="gearbox",
        version=release.version,
        type=ComponentType.APPLICATION,
        bom_ref="gearbox",
        licenses=[LicenseFactory().make_with_id("Apache-2.0", acknowledgement=_DECLARED)],
    )
    components = {name: _component(name, found, release) for name, found in installed.items()}
    bom = Bom(
        serial_number=uuid.uuid5(uuid.NAMESPACE_URL, f"gearbox:{deployment_id}:{now.isoformat()}"),
        metadata=BomMetaData(component=root, timestamp=now),
        components=components.values(),
        dependencies=[
            _needs(root, components, release.requires),
            *(_needs(components[name], components, each.requires or (), each) for name, each in installed.items()),
        ],
    )
    return (JsonV1Dot6(bom).output_as_string(indent=2) + "\n").encode()


def _installed() -> Iterator[tuple[str, Distribution]]:
    for found in distributions():
        if name := found.metadata["Name"]:
            yield canonicalize_name(name), found


def _component(name: str, found: Distribution, release: Release) -> Component:
    return Component(
        name=name,
        version=found.version,
        bom_ref=f"{name}@{found.version}",
        description=_said(found, "Summary") or None,
        purl=PackageURL("pypi", None, name, found.version),
        licenses=_licenses(found),
        external_references=_archives(found, release.archives.get((name, found.version), [])),
    )


def _licenses(found: Distribution) -> list[License]:
    factory = LicenseFactory()
    if expression := _said(found, "License-Expression"):
        return [factory.make_from_string(expression, license_acknowledgement=_DECLARED)]
    said, _, more = _said(found, "License").strip().partition("\n")
    if said not in _UNKNOWN and len(said) <= _LONGEST_LICENSE and (not more or "licen" in said.lower()):
        return [factory.make_from_string(said, license_acknowledgement=_DECLARED)]
    classifiers = found.metadata.get_all("Classifier") or []
    names = [each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License ::")]
    made = [factory.make_from_string(each, license_acknowledgement=_DECLARED) for each in names]
    # The schema allows one expression or several licences, not both.
    return [each for each in made if not isinstance(each, LicenseExpression)] if len(made) > 1 else made


def _said(found: Distribution, field: str) -> str:
    return str((found.metadata.get_all(field) or [""])[0])


def _archives(found: Distribution, locked: list[tuple[str, str]]) -> Iterator[ExternalReference]:
    """The locked wheel that this installation is of, by its tags; none where it was built here."""
    tags = {
        tag
        for line in (found.read_text("WHEEL") or "").splitlines()
        if line.startswith("Tag:")
        for tag in parse_tag(line.partition(":")[2].strip())
    }
    for url, digest in locked:
        try:
            of_wheel = parse_wheel_filename(url.rpartition("/")[2])[3]
        except InvalidWheelFilename:
            continue
        if tags & of_wheel:
            yield ExternalReference(
                type=ExternalReferenceType.DISTRIBUTION,
                url=XsUri(url),
                hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
            )
            return


def _needs(
    whose: Component, components: Mapping[str, Component], requires: Iterable[str], found: Distribution | None = None
) -> Dependency:
    """Which of the installed ones it requires; an optional one counts when it is there: then it is used."""
    extras = ["", *((found.metadata.get_all("Provides-Extra") or []) if found else [])]
    wanted = set()
    for text in requires:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras):
            wanted.add(canonicalize_name(requirement.name))
    there = sorted(wanted & components.keys())
    return Dependency(whose.bom_ref, [Dependency(components[name].bom_ref) for name in there])


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
