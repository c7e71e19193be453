"""Seal and open against bare AES-GCM: part of `bench.vault`."""

from __future__ import annotations

import os
import statistics
import time
import uuid
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.vault.envelope import Kek, open_, seal
from data.values.calls import KeyOwner
from data.values.secrets import SecretBinding

_ORIGIN = "https://api.openai.com"
_KEY = "sk-proj-" + "0123456789abcdef" * 3
_SECONDS = 1.0
_RUNS = 7


def run() -> None:
    """Seal and open, each a payload and its DEK, against one bare AES-256-GCM operation on the same text."""
    kek = Kek(1, os.urandom(32))
    binding = SecretBinding(uuid.uuid4().hex, 1, KeyOwner.USER, "ann", "openai", _ORIGIN)
    plaintext, nonce = _KEY.encode(), os.urandom(12)
    bare = AESGCM(os.urandom(32))
    sealed = bare.encrypt(nonce, plaintext, b"")
    blob, wrapped = seal(plaintext, binding, "deployment", kek)
    ways: dict[str, Callable[[], object]] = {
        "bare AESGCM encrypt": lambda: bare.encrypt(os.urandom(12), plaintext, b""),
        "seal": lambda: seal(plaintext, binding, "deployment", kek),
        "bare AESGCM decrypt": lambda: bare.decrypt(nonce, sealed, b""),
        "open": lambda: open_(blob, wrapped, binding, "deployment", kek),
    }
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(_RUNS):
        for name, way in ways.items():
            rates[name].append(_per_second(way))
    print(f"envelope, a second, median of {_RUNS} runs of {_SECONDS / _RUNS:.2f} s (min to max)")
    for name, values in rates.items():
        print(f"  {name:<22}{statistics.median(values):>10,.0f}  ({min(values):,.0f} to {max(values):,.0f})")
    for ours, theirs in (("seal", "bare AESGCM encrypt"), ("open", "bare AESGCM decrypt")):
        ratio = statistics.median(a / b for a, b in zip(rates[theirs], rates[ours], strict=True))
        print(f"  one {ours} takes as long as {ratio:.1f} of {theirs}")


def _per_second(way: Callable[[], object]) -> float:
    count, until = 0, time.perf_counter() + _SECONDS / _RUNS
    began = time.perf_counter()
    while time.perf_counter() < until:
        for _ in range(50):
            way()
        count += 50
    return count / (time.perf_counter() - began)
