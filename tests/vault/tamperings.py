"""What somebody who owns the database may do to the rows of keys: Hypothesis draws what, where and how far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from hypothesis import strategies as st

from tests.vault.scene import ORIGINS, Row, Rows, Scene

T = TypeVar("T")
Tampering = Callable[[st.DataObject, Scene, Rows], Rows]
SEALED = ("blob", "wrapped_dek")
_MOMENTS = st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))
_BOUND: dict[str, st.SearchStrategy[Any]] = {
    "provider": st.sampled_from(["openai", "mistral", "anthropic", ""]),
    "origin": st.sampled_from([*ORIGINS, ""]),
    "expires_at": _MOMENTS,
    "grace_until": _MOMENTS,
    "revoked_at": _MOMENTS,
    "created_at": _MOMENTS.filter(bool),
    "last4": st.text("0123abc", max_size=4),
    "kek_id": st.integers(0, 4),
}
_OWNED: dict[str, st.SearchStrategy[Any]] = {
    "owner_kind": st.sampled_from(["user", "team", "organisation", "system", "nobody", ""]),
    "owner_id": st.sampled_from(["alice", "bob", "crew", "root", ""]),
    "user_sealed": st.booleans(),
    "head_kek_id": st.none() | st.integers(0, 4),
    "head": st.none(),
}


def edit(data: st.DataObject, scene: Scene, rows: Rows) -> Rows:
    """Another value in one column: origin, expiry, owner, provider, grace, revocation..."""
    table = data.draw(st.sampled_from([_BOUND, _OWNED]))
    column = data.draw(st.sampled_from(sorted(table)))
    value = data.draw(table[column])
    if table is _OWNED:
        secret_id = _secret(data, rows)
        return _with_secret(rows, {**rows.secrets[secret_id], column: value})
    return _with_version(rows, {**rows.versions[_version(data, rows)], column: value})


def flip(data: st.DataObject, scene: Scene, rows: Rows) -> Rows:
    """One bit of a header, nonce, ciphertext or tag: of a payload, a wrapped DEK or a head."""

    def flipped(sealed: bytes) -> bytes:
        bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
        return (int.from_bytes(sealed, "little") ^ 1 << bit).to_bytes(len(sealed), "little")

    return _resealed(data, rows, flipped)


def cut_or_extend(data: st.DataObject, scene: Scene, rows: Rows) -> Rows:
    """Bytes missing or added, at either end."""

    def resized(sealed: bytes) -> bytes:
        more, at_front = data.draw(st.binary(max_size=40)), data.draw(st.booleans())
        if more:
            return more + sealed if at_front else sealed + more
        length = data.draw(st.integers(0, len(sealed) - 1))
        return sealed[len(sealed) - length :] if at_front else sealed[:length]

    return _resealed(data, rows, resized)


def swap_columns(data: st.DataObject, scene: Scene, rows: Rows) -> Rows:
    """Two rows exchange some of their columns: payloads, wrapped DEKs, heads, owners..."""
    if data.draw(st.booleans()):
        one, other = (dict(rows.secrets[_secret(data, rows)]) for _ in range(2))
        names = _some(data, [name for name in one if name not in {"id", "created_at"}])
        return _with_secret(_with_secret(rows, {**one, **_only(other, names)}), {**other, **_only(one, names)})
    one, other = (dict(rows.versions[_version(data, rows)]) for _ in range(2))
    names = _some(data, [name for name in one if name not in {"secret_id", "version"}])
    return _with_version(_with_version(rows, {**one, **_only(other, names)}), {**other, **_only(one, names)})


def swap_ids(data: st.DataObject, scene: Scene, rows: Rows) -> Rows:
    """Two secrets exchange their ids, or only their versions."""
    one, other = _secret(data, rows), _secret(data, rows)
    renamed = {one: other, other: one}
    versions = [{**row, "secret_id": renamed.get(row["secret_id"], row["secret_id"])} for row in rows.versions.values()]
    owners = [*rows.secrets.values()]
    if data.draw(st.booleans()):
        owners = [{**row, "id": renamed.get(row["id"], row["id"])} for row in owners]
    return _rows(owners, versions)


def roll_back(data: st.DataObject, scene: Scene, rows: Rows) -> Rows:
    """Some rows of one secret, or all of them, as they were copied before a change; also of one that was removed."""
    secret_id = data.draw(st.sampled_from(sorted(scene.past)))
    owner, versions = data.draw(st.sampled_from(scene.past[secret_id]))
    if secret_id not in rows.secrets or data.draw(st.booleans()):
        others = [row for (whose, _), row in rows.versions.items() if whose != secret_id]
        return _rows([*_with_secret(rows, owner).secrets.values()], [*others, *versions.values()])
    for version in _some(data, sorted(versions)):
        rows = _with_version(rows, versions[version])
    return _with_secret(rows, owner) if data.draw(st.booleans()) else rows


def drop(data: st.DataObject, scene: Scene, rows: Rows) -> Rows:
    """Some versions of one secret, or all of them."""
    secret_id = _secret(data, rows)
    dropped = _some(data, sorted(rows.of(secret_id)[1]))
    return Rows(
        rows.secrets, {at: row for at, row in rows.versions.items() if at not in {(secret_id, n) for n in dropped}}
    )


def copy(data: st.DataObject, scene: Scene, rows: Rows) -> Rows:
    """A version once more under another number, or in another secret, in the place of what is there."""
    row = rows.versions[_version(data, rows)]
    return _with_version(rows, {**row, "secret_id": _secret(data, rows), "version": data.draw(st.integers(0, 6))})


TAMPERINGS: Sequence[Tampering] = (edit, flip, cut_or_extend, swap_columns, swap_ids, roll_back, drop, copy)


def _resealed(data: st.DataObject, rows: Rows, change: Callable[[bytes], bytes]) -> Rows:
    column = data.draw(st.sampled_from([*SEALED, "head"]))
    if column == "head":
        owner = rows.secrets[_secret(data, rows)]
        return _with_secret(rows, {**owner, "head": change(owner["head"])}) if owner["head"] else rows
    version = rows.versions[_version(data, rows)]
    return _with_version(rows, {**version, column: change(version[column])}) if version[column] else rows


def _secret(data: st.DataObject, rows: Rows) -> str:
    return data.draw(st.sampled_from([*rows.secrets]))


def _version(data: st.DataObject, rows: Rows) -> tuple[str, int]:
    return data.draw(st.sampled_from([*rows.versions]))


def _some(data: st.DataObject, of: Sequence[T]) -> list[T]:
    return data.draw(st.lists(st.sampled_from(of), min_size=1, unique=True)) if of else []


def _only(row: Row, names: Sequence[str]) -> Row:
    return {name: row[name] for name in names}


def _with_secret(rows: Rows, row: Row) -> Rows:
    return Rows({**rows.secrets, row["id"]: row}, rows.versions)


def _with_version(rows: Rows, row: Row) -> Rows:
    return Rows(rows.secrets, {**rows.versions, (row["secret_id"], row["version"]): row})


def _rows(owners: Sequence[Row], versions: Sequence[Row]) -> Rows:
    return Rows({row["id"]: row for row in owners}, {(row["secret_id"], row["version"]): row for row in versions})
