"""Writing evidence: who may, what goes in, and that it was done. Page, API and CLI all ask here."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import IO

from core.access.access import Access
from core.access.policy import Permission
from core.audit.report import Report
from core.audit.trail import Trail
from core.config import Settings
from core.errors import GearboxError
from core.evidence import access_review, change_logs, key_inventory, verification
from core.evidence.archive import Archive, FileEntry
from core.evidence.configuration import attestation
from core.evidence.readme import readme
from core.evidence.software import Release, bill_of_materials, this_release
from core.evidence.sources import Sources
from core.vault.ring import KekRing
from data.store import Store
from data.store.audit_chain import instant
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome, Detail

_KIND = "gearbox.evidence"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was written: `name` is the zip's file name, `log_is_whole` the verdict on the audit log."""

    name: str
    made_at: datetime
    since: datetime | None
    until: datetime
    files: tuple[FileEntry, ...]
    log_is_whole: bool
    manifest_sha256: str


class EvidenceService:
    """For actors who may export evidence. Thread-safe, blocking: most of it is the audit log's verification."""

    def __init__(
        self,
        access: Access,
        store: Store,
        ring: KekRing,
        trail: Trail,
        *,
        settings: Settings,
        clock: Callable[[], datetime],
    ) -> None:
        self._access = access
        self._store = store
        self._ring = ring
        self._trail = trail
        self._settings = settings
        self._clock = clock

    def write(
        self, actor: Actor, file: IO[bytes], since: datetime | None = None, until: datetime | None = None
    ) -> Evidence:
        """Write one zip of everything an auditor asks a deployment for; on an error `file` is to be thrown away.

        Args:
            since, until: the period that the logs cover, aware; by default all there is, until now.

        Raises:
            AccessRefused: the actor may not; the refusal is in the audit log.
            AuditUnavailable: the export can't be written to the audit log first, so it is not made.
            GearboxError: the period is empty, or the database or the checkpoint file can't be read.
        """
        self._access.require(actor, Permission.EXPORT_EVIDENCE)
        if since is not None and since >= (until or self._clock()):
            raise GearboxError("This period is empty: it ends before it begins.", "Choose an earlier first day.")
        operation = uuid.uuid4().hex
        self._tell(actor, AuditOutcome.INTENT, operation)
        try:
            self._trail.checkpoint_now()
            sources = Sources(self._store, self._ring, self._settings, self._clock(), since, until)
            evidence = self._written(actor, file, sources)
        except (GearboxError, OSError, OverflowError):
            self._tell(actor, AuditOutcome.FAILED, operation)
            raise
        self._tell(
            actor,
            AuditOutcome.DONE,
            operation,
            files=len(evidence.files),
            manifest_sha256=evidence.manifest_sha256,
            log_is_whole=evidence.log_is_whole,
        )
        return evidence

    def _written(self, actor: Actor, file: IO[bytes], sources: Sources) -> Evidence:
        archive = Archive(file, sources.now)
        try:
            return self._filled(archive, actor, sources)
        except BaseException:
            archive.abandon()
            raise

    def _filled(self, archive: Archive, actor: Actor, sources: Sources) -> Evidence:
        release, report = this_release(), self._trail.verify()
        for part in (access_review, key_inventory, change_logs):
            for table in part.tables(sources):
                archive.add_table(table)
        self._add_verification(archive, sources, report)
        about = (
            "The settings in force without secrets, sign-in, TLS, headers, versions, and what holds whatever is set."
        )
        archive.add_json("configuration/attestation.json", about, attestation(sources, release, actor.surface.value))
        bill = bill_of_materials(release, self._store.deployment_id, sources.now)
        about = "Every installed package with licence, address and hash: the bill of materials (SBOM), CycloneDX 1.6."
        archive.add("software/sbom.cdx.json", about, bill)
        words = readme(sources, release, report, archive.files, archive.rows)
        archive.add("README.txt", "What is in here, and how to check it.", words)
        return _sealed(archive, sources, release, report)

    def _add_verification(self, archive: Archive, sources: Sources, report: Report) -> None:
        verdict = verification.report_of(report, self._trail.status())
        archive.add_json("audit/verification.json", "The verification of the whole audit log, run for this.", verdict)
        archive.add(
            "audit/public-key.pem", "The public key that the audit log is signed with.", self._trail.public_key()
        )
        for table in verification.tables(sources):
            archive.add_table(table)

    def _tell(self, actor: Actor, outcome: AuditOutcome, operation: str, **details: Detail) -> None:
        event = AuditEvent.by(actor, Action.EXPORT, outcome, target="evidence", operation=operation)
        self._store.audit.record(replace(event, details=details))


def _sealed(archive: Archive, sources: Sources, release: Release, report: Report) -> Evidence:
    """The manifest, and the list of hashes that `sha256sum -c` reads."""
    until = sources.until or sources.now
    manifest = {
        "kind": _KIND,
        "v": 1,
        "deployment": sources.store.deployment_id,
        "gearbox": release.version,
        "made_at": instant(sources.now),
        "period": {"since": sources.since and instant(sources.since), "until": instant(until)},
        "audit_log": "whole" if report.ok else "broken",
        "rows": archive.rows,
        "files": [asdict(file) for file in archive.files],
    }
    archive.add(
        "manifest.json", "Hash, size and meaning of every file.", json.dumps(manifest, indent=2).encode() + b"\n"
    )
    digest = archive.files[-1].sha256
    sums = "".join(f"{file.sha256}  {file.path}\n" for file in archive.files)
    archive.add("SHA256SUMS", "For sha256sum -c.", sums.encode())
    archive.close()
    name = f"gearbox-evidence-{sources.now:%Y-%m-%dT%H%M%SZ}.zip"
    return Evidence(name, sources.now, sources.since, until, tuple(archive.files), report.ok, digest)
