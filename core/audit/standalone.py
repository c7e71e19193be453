"""Verifies an export of Gearbox's audit log. Needs the export, the public key, Python 3.11 and `cryptography`.

    python verify_gearbox_audit.py EXPORT.zip PUBLIC_KEY.pem

`audit standalone-verifier` prints it as one file that imports nothing of Gearbox, so that an auditor can read it from
top to bottom and need not trust the server that made the export. Get the public key from the operator, not out of the
export. What it proves when it says WHOLE:

- every checkpoint in the export was signed with that key, and none between the first and the last is left out;
- the chains' heads at the first and at the last checkpoint are those that were signed (a Merkle tree, RFC 6962);
- the events lead from the first heads to the last without a gap: none was changed, left out, added or moved;
- every line says what its event says: in OCSF and CEF the fields that people and programs read are made of it again;
- no event says that it is older than the checkpoint before the export, or than the event before it in its chain.
"""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from core.audit.event_formats import FORMATTERS

EVENT_FILES = {"jsonl": "events.jsonl", "ocsf": "events.ocsf.jsonl", "cef": "events.cef"}
"""Which file of an export holds the events, by its format."""

CLOCK_SLACK = timedelta(minutes=5)
"""How far the clocks of two processes may be apart."""

_CEF_BODY = " rawEvent="
_ESCAPES = {"\\": "\\", "=": "=", "n": "\n", "r": "\r"}


class Broken(Exception):
    """The export is not what was signed; says where."""


@dataclass(frozen=True)
class Verified:
    """What an export that holds together contains; `since` and `until` are the times of its checkpoints."""

    deployment: str
    events: int
    chains: int
    checkpoints: int
    epoch: int
    since: str
    until: str


def verify(export: str | Path | IO[bytes], public_key: bytes) -> Verified:
    """Verify an export (a zip file) with the public key (PEM).

    Raises:
        Broken: something in it is not what was signed.
    """
    try:
        with zipfile.ZipFile(export) as archive:
            return _verify(archive, _key(public_key))
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, EOFError) as error:
        raise Broken(f"This is no export of Gearbox's audit log, or it is damaged: {error}") from error


def _verify(archive: zipfile.ZipFile, key: Ed25519PublicKey) -> Verified:
    manifest = json.loads(archive.read("manifest.json"))
    if manifest["kind"] != "gearbox.audit.export" or manifest["v"] != 1:
        raise Broken("This is an export of another kind, or of another version than this verifier knows.")
    deployment = str(manifest["deployment"])
    statements = _checkpoints(archive, key, deployment)
    heads = json.loads(archive.read("heads.json"))
    first, last = statements[0], statements[-1]
    opening = _heads(heads["opening"])
    if opening:
        _check_root(opening, first)
    elif first["seq"] != 1 or first["prev"] != _first_prev(deployment):
        raise Broken("The first checkpoint does not begin this deployment's log.")
    closing = _heads(heads["closing"])
    _check_root(closing, last)
    origins = {chain: (0, _origin(deployment, chain, owner)) for chain, owner in heads["owners"].items()}
    events = _follow(_bodies(archive, manifest["format"]), opening, closing, origins, first["at"] if opening else "")
    since = first["at"] if opening else "the beginning"
    return Verified(deployment, events, len(closing), len(statements), last["epoch"], since, last["at"])


def _key(pem: bytes) -> Ed25519PublicKey:
    key = load_pem_public_key(pem)
    if not isinstance(key, Ed25519PublicKey):
        raise Broken("The public key is not an Ed25519 key.")
    return key


def _checkpoints(archive: zipfile.ZipFile, key: Ed25519PublicKey, deployment: str) -> list[dict[str, Any]]:
    """What the checkpoints state, each signed and following the one before it."""
    statements: list[dict[str, Any]] = []
    before = ""
    for line in _lines(archive, "checkpoints.jsonl"):
        record = json.loads(line)
        body = record["body"].encode()
        said = json.loads(body)
        number = said["seq"]
        try:
            key.verify(b64decode(record["signature"], validate=True), body)
        except InvalidSignature:
            raise Broken(f"Checkpoint {number} was not signed with this key.") from None
        if said["kind"] != "gearbox.audit.checkpoint" or said["v"] != 1 or said["deployment"] != deployment:
            raise Broken(f"Checkpoint {number} belongs to another deployment, or is of another version.")
        if statements and not _follows(statements[-1], before, said):
            raise Broken(f"Checkpoint {number} does not follow checkpoint {statements[-1]['seq']}.")
        statements.append(said)
        before = hashlib.sha256(body).hexdigest()
    if not statements:
        raise Broken("There is no checkpoint in this export.")
    return statements


def _follows(last: dict[str, Any], last_hash: str, said: dict[str, Any]) -> bool:
    if said["restored"] is not None:
        # A database that came back from a backup goes on from the backup's last checkpoint, in a new epoch.
        return bool(said["restored"]["resumes"] == last["seq"] < said["seq"] and said["epoch"] > last["epoch"])
    return bool(said["seq"] == last["seq"] + 1 and said["prev"] == last_hash and said["epoch"] == last["epoch"])


def _first_prev(deployment: str) -> str:
    return hashlib.sha256(f"gearbox.audit.checkpoints\n{deployment}".encode()).hexdigest()


Heads = dict[str, tuple[int, str]]
"""By chain: the number of its last event, and that event's hash."""


def _heads(listed: list[list[Any]]) -> Heads:
    return {str(chain): (int(seq), str(digest)) for chain, seq, digest in listed}


def _check_root(heads: Heads, said: dict[str, Any]) -> None:
    leaves = [_canonical({"chain": chain, "hash": digest, "seq": seq}) for chain, (seq, digest) in heads.items()]
    if _root(leaves).hex() != said["root"] or len(heads) != said["chains"]:
        raise Broken(f"The chains' heads in this export are not those that checkpoint {said['seq']} signed.")


def _root(leaves: list[bytes]) -> bytes:
    """The Merkle tree hash of RFC 6962, section 2.1, level by level: one that is left over moves up as it is."""
    nodes = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves]
    while len(nodes) > 1:
        pairs = [nodes[place : place + 2] for place in range(0, len(nodes), 2)]
        nodes = [hashlib.sha256(b"\x01" + b"".join(pair)).digest() if len(pair) > 1 else pair[0] for pair in pairs]
    return nodes[0] if nodes else hashlib.sha256(b"").digest()


def _follow(bodies: Iterator[str], opening: Heads, closing: Heads, origins: Heads, since: str) -> int:
    """Walk every chain from its opening head, or its origin, to its closing one; returns how many events there were."""
    reached = {chain: opening.get(chain) or origins[chain] for chain in closing}
    if not opening.keys() <= closing.keys():
        raise Broken("A chain of the first checkpoint is missing at the last one.")
    latest: dict[str, datetime] = {}
    events = 0
    for body in bodies:
        event = json.loads(body)
        chain, seq = event["chain"], event["seq"]
        if chain not in reached:
            raise Broken(f"There are events of a chain that no checkpoint signed: {chain}.")
        last, last_hash = reached[chain]
        if seq != last + 1:
            raise Broken(f"Event {last + 1} of chain {chain} is missing; event {seq} is there instead.")
        if event["prev"] != last_hash:
            raise Broken(f"Event {seq} of chain {chain} does not follow event {last}: one of them was changed.")
        at = datetime.fromisoformat(event["at"])
        if since and at < datetime.fromisoformat(since) - CLOCK_SLACK:
            raise Broken(f"Event {seq} of chain {chain} says that it is older than the checkpoint before it.")
        if at < latest.get(chain, at) - CLOCK_SLACK:
            raise Broken(
                f"Event {seq} of chain {chain} says that it is older than the one before it: it was added later, "
                "or its process had a wrong clock."
            )
        latest[chain] = at
        reached[chain] = seq, hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()
        events += 1
    for chain, head in closing.items():
        if reached[chain] != head:
            seq, _ = reached[chain]
            if seq == head[0]:
                raise Broken(f"Event {seq} of chain {chain} is not the one that was signed: it was changed.")
            raise Broken(f"Chain {chain} was signed up to event {head[0]}, and ends here with event {seq}.")
    return events


def _origin(deployment: str, chain: str, owner: str) -> str:
    return hashlib.sha256(f"gearbox.audit.chain\n{deployment}\n{chain}\n{owner}".encode()).hexdigest()


def _bodies(archive: zipfile.ZipFile, format_: str) -> Iterator[str]:
    """The events as they were hashed, out of lines that say nothing else.

    The lines of an export are made by the release that the manifest names: verify it with that release's script.
    """
    for number, line in enumerate(_lines(archive, EVENT_FILES[format_]), 1):
        body = line
        if format_ == "cef":
            _, found, escaped = line.partition(_CEF_BODY)
            if not found:
                raise Broken(f"Line {number} of the events has no rawEvent.")
            body = _unescaped(escaped)
        elif format_ == "ocsf":
            body = str(json.loads(line)["raw_data"])
        if FORMATTERS[format_](body) != line:
            raise Broken(f"Line {number} of the events does not say what its event says: its fields were changed.")
        yield body


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    characters = iter(text)
    return "".join(_ESCAPES[next(characters, "")] if one == "\\" else one for one in characters)


def _lines(archive: zipfile.ZipFile, name: str) -> Iterator[str]:
    with archive.open(name) as file:
        for line in file:
            yield line.decode("utf-8", "surrogatepass").removesuffix("\n")


def _canonical(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def as_one_file() -> str:
    """This script with the formats in the place of their import; only within Gearbox."""
    formats = Path(__file__).with_name("event_formats.py").read_text("utf-8")
    _, _, code = formats.partition("from __future__ import annotations\n")
    return (
        Path(__file__).read_text("utf-8").replace("from core.audit.event_formats import FORMATTERS\n", code.lstrip(), 1)
    )


def main(arguments: list[str]) -> int:
    """Verify what the command line names; returns 0 for whole, 1 for broken, 2 when there was nothing to verify."""
    if len(arguments) != 2:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    try:
        found = verify(Path(arguments[0]), Path(arguments[1]).read_bytes())
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except Broken as broken:
        sys.stdout.write(f"BROKEN  {broken}\n")
        return 1
    sys.stdout.write(
        f"WHOLE   {found.events} events of {found.chains} chains, from {found.since} to {found.until}\n"
        f"        {found.checkpoints} checkpoints, epoch {found.epoch}, deployment {found.deployment}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
