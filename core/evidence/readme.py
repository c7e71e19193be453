"""The words that go with the evidence: for whoever opens the zip, in one text file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from core.audit.report import Report
from core.evidence.archive import FileEntry
from core.evidence.software import Release
from core.evidence.sources import Sources

_WORDS = """\
Gearbox: evidence of {now}
{line}

Made by Gearbox {version} about the deployment {deployment}.
Lists of people, sessions, tokens, teams, keys and settings are as they were at that moment.
Logs cover the period {period}.

The audit log was verified for this export: {verdict}.

What is in it
-------------
{files}

How to check it
---------------
sha256sum -c SHA256SUMS     compares every file; run it in the folder you unpacked this into
manifest.json               the same hashes, with sizes, rows and the period. Its own SHA-256 is in Gearbox's audit log,
                            in the event `data.export` of this export: that binds this zip to the log.
audit/public-key.pem        verifies the signatures in audit/checkpoints.csv (Ed25519 over the text of `body`).
The events themselves, with their proof, come from `python -m core audit export`.

How to read it
--------------
Moments are UTC. Tables come as CSV for people and JSON for programs, with the same rows. A cell of the CSV that begins
like a formula has an apostrophe before it, so that a spreadsheet shows it and does not run it.
There are no keys, tokens, passphrases or passwords here, nor parts of them. There are names, e-mail addresses and
network addresses: keep it as you keep other records about people.
An outcome `unknown` is an intent that no outcome followed: it was under way, or its process died.

What it is not
--------------
Gearbox states here what it knows about itself. It is SOC 2-ready; only an auditor attests. docs/soc2.md says which
criterion each file serves, and what the operator has to show besides.
"""


def readme(
    sources: Sources, release: Release, report: Report, files: Sequence[FileEntry], rows: Mapping[str, int]
) -> bytes:
    """README.txt: what is in the zip and how to check it."""
    heading = f"{sources.now:%Y-%m-%d %H:%M:%S} UTC"
    verdict = (
        "it is whole" if report.ok else f"IT IS BROKEN, {len(report.findings)} findings in audit/verification.json"
    )
    return _WORDS.format(
        now=heading,
        line="=" * len(f"Gearbox: evidence of {heading}"),
        version=release.version,
        deployment=sources.store.deployment_id,
        period=period_words(sources.since, sources.until or sources.now),
        verdict=f"{verdict} ({report.events:,} events, {report.checkpoints:,} checkpoints)",
        files="\n".join(_listed(files, rows)),
    ).encode()


def period_words(since: datetime | None, until: datetime) -> str:
    """A period in words, UTC."""
    begins = f"from {since:%Y-%m-%d %H:%M:%S}" if since else "from the beginning"
    return f"{begins} until {until:%Y-%m-%d %H:%M:%S} UTC"


def _listed(files: Sequence[FileEntry], rows: Mapping[str, int]) -> list[str]:
    words = []
    for file in files:
        stem, _, ending = file.path.rpartition(".")
        if stem not in rows:
            words.append(f"{file.path}\n    {file.about}")
        elif ending == "csv":
            count = rows[stem]
            words.append(f"{stem}.csv, .json ({count:,} {'row' if count == 1 else 'rows'})\n    {file.about}")
    return words
