"""Taking the audit log away with its proof: a zip that `core.audit.standalone` verifies without Gearbox.

An export goes from one checkpoint to another and holds every event between them, so that neither a gap nor a
change goes unnoticed: the events themselves lead from the heads that the first one signed to those of the last.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Any, Literal

from core.audit.event_formats import FORMATTERS
from core.audit.heads import SignedHeads, read_heads
from core.audit.places import as_record
from core.audit.standalone import EVENT_FILES
from core.audit.statement import read_statement
from core.errors import StoreError
from data.store import Store
from data.store.audit_chain import instant
from data.values.audit import ChainHead, Checkpoint

Format = Literal["jsonl", "ocsf", "cef"]

_SLACK = timedelta(minutes=2)
"""Clocks of replicas differ, so that an event can be older than the checkpoint before it."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export holds: its events, and the checkpoints that it lies between (`first` is 0 for the beginning)."""

    events: int
    chains: int
    first: int
    last: int
    until: datetime


class Exporter:
    """Writes exports. Blocking; memory does not grow with their length."""

    def __init__(self, store: Store, public_key: bytes, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._public_key = public_key
        self._clock = clock

    def write(self, file: IO[bytes], format_: Format, since: datetime | None, until: datetime | None) -> Exported:
        """Write the events from `since` to `until`, and those around them up to the next checkpoints.

        Raises:
            StoreError: there is no checkpoint to prove anything with, or the database can't be read.
        """
        span = _Span.find(self._store, since, until)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=5) as archive:
            digests: dict[str, str] = {}
            lines = (json.dumps(_signed(one)) for one in span.checkpoints(self._store))
            _write(archive, "checkpoints.jsonl", lines, digests)
            events = self._write_events(archive, EVENT_FILES[format_], format_, span, digests)
            _write(archive, "heads.json", [json.dumps(self._heads(span))], digests)
            _write(archive, "public-key.pem", [self._public_key.decode().rstrip("\n")], digests)
            manifest = {
                "kind": "gearbox.audit.export",
                "v": 1,
                "deployment": self._store.deployment_id,
                "format": format_,
                "made_at": instant(self._clock()),
                "first_checkpoint": span.first,
                "last_checkpoint": span.last.seq,
                "events": events,
                "sha256": digests,
            }
            archive.writestr("manifest.json", json.dumps(manifest, indent=2) + "\n")
        return Exported(events, len(span.closing), span.first, span.last.seq, span.last.at)

    def _write_events(
        self, archive: zipfile.ZipFile, name: str, format_: Format, span: _Span, digests: dict[str, str]
    ) -> int:
        counted = _Counted(self._bodies(span))
        _write(archive, name, map(FORMATTERS[format_], counted), digests)
        return counted.count

    def _bodies(self, span: _Span) -> Iterator[str]:
        with self._store.audit_walk.begin() as walk:
            for head in span.closing:
                after = span.opening.seq(head.chain_id)
                if after < head.seq:
                    yield from walk.bodies(head.chain_id, after, head.seq)

    def _heads(self, span: _Span) -> dict[str, Any]:
        with self._store.audit_walk.begin() as walk:
            records = walk.chains()
        new = [head.chain_id for head in span.closing if not span.opening.seq(head.chain_id)]
        return {
            "opening": _listed(span.opening),
            "closing": _listed(span.closing),
            "owners": {chain: records[chain].owner if chain in records else "" for chain in new},
        }


@dataclass(frozen=True, slots=True)
class _Span:
    """The checkpoints an export lies between: the heads at both ends, and where to read those in between."""

    first: int
    last: Checkpoint
    opening: SignedHeads
    closing: SignedHeads

    @classmethod
    def find(cls, store: Store, since: datetime | None, until: datetime | None) -> _Span:
        checkpoints = store.checkpoints
        opening = None if since is None else checkpoints.last_until(since - _SLACK)
        closing = (None if until is None else checkpoints.first_from(until + _SLACK)) or checkpoints.newest()
        if closing is None:
            raise StoreError(
                "There is nothing to export yet: no checkpoint of the audit log was signed.",
                "Start Gearbox; it signs the first one within a minute.",
            )
        return cls(
            opening.seq if opening else 0,
            closing,
            _heads_at(store, opening) if opening else SignedHeads(),
            _heads_at(store, closing),
        )

    def checkpoints(self, store: Store) -> Iterator[Checkpoint]:
        for checkpoint in _after(store, max(self.first, 1) - 1):
            if checkpoint.seq > self.last.seq:
                return
            yield checkpoint


def _heads_at(store: Store, checkpoint: Checkpoint) -> SignedHeads:
    """All heads that a checkpoint signed, from the lists since the last one that lists all.

    Whether they are those that were signed, whoever verifies the export finds out.
    """
    heads = SignedHeads()
    for one in _after(store, read_statement(checkpoint.body).base - 1):
        if one.seq > checkpoint.seq:
            break
        listed, full = read_heads(one.heads)
        if full:
            heads = SignedHeads(listed)
        else:
            for head in listed:
                heads.move(head)
    return heads


def _after(store: Store, seq: int) -> Iterator[Checkpoint]:
    while batch := store.checkpoints.after(seq):
        yield from batch
        seq = batch[-1].seq


class _Counted:
    def __init__(self, bodies: Iterator[str]) -> None:
        self._bodies = bodies
        self.count = 0

    def __iter__(self) -> Iterator[str]:
        for body in self._bodies:
            self.count += 1
            yield body


def _signed(checkpoint: Checkpoint) -> dict[str, str]:
    """What is needed to check a signature; the heads are listed once, for both ends."""
    return {name: value for name, value in as_record(checkpoint).items() if name != "heads"}


def _listed(heads: SignedHeads) -> list[list[Any]]:
    def row(head: ChainHead) -> list[Any]:
        return [head.chain_id, head.seq, head.hash.hex()]

    return [row(head) for head in heads]


def _write(archive: zipfile.ZipFile, name: str, lines: Iterator[str] | list[str], digests: dict[str, str]) -> None:
    digest = hashlib.sha256()
    with archive.open(name, "w", force_zip64=True) as file:
        for line in lines:
            encoded = f"{line}\n".encode("utf-8", "surrogatepass")
            digest.update(encoded)
            file.write(encoded)
    digests[name] = digest.hexdigest()
