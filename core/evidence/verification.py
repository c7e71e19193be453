"""Whether the audit log is whole: a verification that was run for this export, and what it can be checked with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from core.audit.report import ChainStatus, Report
from core.audit.statement import read_statement
from core.evidence.archive import Cell, Table
from core.evidence.sources import Sources

CHECKPOINTS = 20
"""How many of the last checkpoints are in an export."""


def report_of(report: Report, status: ChainStatus) -> dict[str, object]:
    """The verdict as JSON: with every finding, and how far the places outside the database have got."""
    return {
        "verdict": "whole" if report.ok else "broken",
        **{name: value for name, value in asdict(report).items() if name not in {"ok", "findings"}},
        "findings": [{**asdict(finding), "kind": finding.kind.value} for finding in report.findings],
        "status": {name: value for name, value in asdict(status).items() if name != "leader"},
        "checked": "hashes and links of every event, Merkle root and Ed25519 signature of every checkpoint, the copies "
        "of the checkpoints outside the database, and whether the append-only triggers are in force",
    }


def tables(sources: Sources) -> Iterator[Table]:
    """The last checkpoints."""
    yield Table(
        "audit/checkpoints",
        f"The last {CHECKPOINTS} checkpoints: what was signed (body), and the Ed25519 signature over it.",
        ("seq", "at", "epoch", "events", "root", "hash", "signing_key_id", "body", "signature"),
        _checkpoints(sources),
    )


def _checkpoints(sources: Sources) -> Iterator[tuple[Cell, ...]]:
    newest = sources.store.checkpoints.newest()
    for each in sources.store.checkpoints.after(max(0, newest.seq - CHECKPOINTS), CHECKPOINTS) if newest else ():
        try:
            statement = read_statement(each.body)
            events, root = statement.events, statement.root
        except ValueError:
            events, root = None, None  # somebody changed it; the verification says so
        yield (
            each.seq,
            each.at,
            each.epoch,
            events,
            root,
            each.hash.hex(),
            each.key_id,
            each.body,
            each.signature.hex(),
        )
