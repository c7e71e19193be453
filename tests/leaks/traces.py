"""Looks for a key in everything that a run left behind."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

MARK = "9Qx2vRt7LmWz4KpY8sHd"
"""In every key of these tests. Nothing in it looks like a key to the log's filter."""


def canary(name: str) -> str:
    """A key that can be told from the others, and found."""
    return f"{name}.{MARK}"


def disguises(text: str) -> dict[str, bytes]:
    """How a text may look in a file: plain, or in one of the usual encodings, wherever it begins.

    Of letters and digits alone: a web address shows it as it is, and base64 for addresses is the same.
    """
    plain = text.encode()
    digits = plain.hex()
    found = {"plain": plain, "utf-16": text.encode("utf-16-le"), "backwards": plain[::-1]}
    found |= {"hex": digits.encode(), "HEX": digits.upper().encode(), "percent": quoted(plain)}
    for shift in range(3):  # base64 of something that begins `shift` bytes before; without the ends that others share
        encoded = base64.b64encode(bytes(shift) + plain)
        found[f"base64 at {shift}"] = encoded[4 if shift else 0 : -4]
    return found


def quoted(plain: bytes) -> bytes:
    """All of it percent-encoded, as a careful client sends it."""
    return "".join(f"%{byte:02X}" for byte in plain).encode()


def traces(*places: Path) -> list[str]:
    """Every place below `places` that holds the mark, in any disguise; archives are looked into."""
    return [
        f"{name}: {disguise}"
        for place in places
        for path in ([place] if place.is_file() else sorted(place.rglob("*")))
        if path.is_file()
        for name, content in _contents(path)
        for disguise, look in disguises(MARK).items()
        if look in content
    ]


def _contents(path: Path) -> Iterator[tuple[str, bytes]]:
    content = path.read_bytes()
    yield str(path), content
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(path) as packed:
            for name in packed.namelist():
                yield f"{path}!{name}", packed.read(name)
    if path.suffix == ".duckdb":  # its pages are compressed
        with duckdb.connect(str(path), read_only=True) as connection:
            for (table,) in connection.execute("SELECT table_name FROM information_schema.tables").fetchall():
                rows = connection.execute(f'SELECT * FROM "{table}"').fetchall()
                yield f"{path}!{table}", repr(rows).encode()
