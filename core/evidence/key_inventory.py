"""The key inventory: versions of every provider key, the KEKs above them, what signs the audit log. Never a value."""

from __future__ import annotations

from collections.abc import Iterator

from core.evidence.archive import Cell, Table
from core.evidence.sources import Sources
from core.vault.envelope import algorithm_of
from data.values.secrets import SecretRecord

_BATCH = 500


def tables(sources: Sources) -> Iterator[Table]:
    """Keys as they are now, and every rotation of the KEK there was."""
    yield Table(
        "keys/inventory",
        "Every version of every stored key: whose, for what, age, algorithm, expiry, KEK. No value, nor part of one.",
        (
            "key_id", "version", "state", "owner", "owner_id", "owner_name", "provider", "origin", "algorithm",
            "kek_id", "created_at", "age_days", "expires_at", "grace_until", "revoked_at", "user_sealed",
        ),
        _keys(sources),
    )  # fmt: skip
    yield Table(
        "keys/keks",
        "The key-encryption keys (KEKs): where each is kept, and how many records it seals.",
        ("kek_id", "state", "source", "place", "algorithm", "created_at", "age_days", "seals"),
        _keks(sources),
    )
    yield Table(
        "keys/kek-rotations",
        "Every rotation of the KEK, the newest first: how far it came, and when.",
        (
            "rotation_id", "from_kek", "to_kek", "source", "next_step", "records_moved", "records", "started_at",
            "finished_at",
        ),
        _rotations(sources),
    )  # fmt: skip
    yield Table(
        "keys/signing-keys",
        "The keys that sign the audit log's checkpoints.",
        ("signing_key_id", "algorithm", "created_at", "age_days", "private_half"),
        (
            (key.id, "Ed25519", key.created_at, sources.days(key.created_at), f"sealed in the vault as {key.secret_id}")
            for key in sources.store.checkpoints.signing_keys()
        ),
    )


def _keys(sources: Sources) -> Iterator[tuple[Cell, ...]]:
    teams = {team.id: team.name for team in sources.store.teams.all()}
    names = sources.names | teams
    ids = sources.store.secrets.ids()
    for start in range(0, len(ids), _BATCH):
        for record in sources.store.secrets.some(ids[start : start + _BATCH]):
            yield from _versions(sources, record, names.get(record.owner.owner_id))


def _versions(sources: Sources, record: SecretRecord, owner_name: str | None) -> Iterator[tuple[Cell, ...]]:
    for sealed in record.versions:
        yield (
            record.owner.secret_id,
            sealed.binding.version,
            sealed.state(sources.now).value,
            record.owner.kind.value,
            record.owner.owner_id,
            owner_name,
            sealed.binding.provider,
            sealed.binding.origin,
            algorithm_of(sealed.blob),
            sealed.kek_id,
            sealed.created_at,
            sources.days(sealed.created_at),
            sealed.binding.expires_at,
            sealed.grace_until,
            sealed.revoked_at,
            record.user_sealed,
        )


def _keks(sources: Sources) -> Iterator[tuple[Cell, ...]]:
    seals = sources.store.keks.in_use()
    for kek in sources.store.keks.all():
        yield (
            kek.kek_id,
            kek.state.value,
            kek.source,
            sources.ring.sources.place(kek),
            algorithm_of(kek.canary),
            kek.created_at,
            sources.days(kek.created_at),
            seals.get(kek.kek_id, 0),
        )


def _rotations(sources: Sources) -> Iterator[tuple[Cell, ...]]:
    for each in sources.store.rotations.all():
        yield (
            each.rotation_id,
            each.from_kek,
            each.to_kek,
            each.source,
            each.step.value,
            each.done,
            each.total,
            each.started_at,
            each.finished_at,
        )
