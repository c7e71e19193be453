"""What is kept of the people a hold is on, as one zip that others can read without Gearbox."""

from __future__ import annotations

import json
import mimetypes
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import IO, Any

from data.store import Store
from data.values.holds import Hold

RECORDS = "material.jsonl"
"""One JSON object a line: `kind` says what it is. The first line is the hold, then come its people one by one."""


@dataclass(frozen=True, slots=True)
class Handed:
    """How much is in it."""

    people: int
    records: int
    attachments: int


def write_material(store: Store, hold: Hold, file: IO[bytes], now: datetime) -> Handed:
    """Write the zip: `material.jsonl`, and the attachments beside it, each named by the SHA-256 of its content.

    Also what the people have deleted or changed since they were held: conversations that say `deleted_at`, messages
    that say `superseded_by`, and `earlier_version`s. Rows of the warehouse are not in it: they hold no words.
    """
    people = store.holds.people_of(hold.id)
    records, files = 0, dict[str, tuple[str, str]]()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(RECORDS, "w", force_zip64=True) as lines:
            lines.write(_line({"kind": "hold", **asdict(hold), "exported_at": now}))
            for user_id in people:
                lines.write(_line(_person(store, user_id)))
                for record in store.holds.material.of(user_id):
                    told = dict(record)
                    if record["kind"] == "attachment":
                        told["file"] = name = _name_of(record)
                        files[name] = record["conversation_id"], record["digest"]
                    lines.write(_line({**told, "person": user_id}))
                    records += 1
        written = 0
        for name, (conversation_id, digest) in sorted(files.items()):
            content = store.holds.material.content(conversation_id, digest)
            if content is not None:
                archive.writestr(name, content, zipfile.ZIP_STORED)
                written += 1
    return Handed(len(people), records, written)


def _person(store: Store, user_id: str) -> dict[str, Any]:
    person = store.users.find(user_id)
    known = {"kind": "person", "id": user_id}
    return known if person is None else {**known, "name": person.display_name, "email": person.email}


def _name_of(record: Mapping[str, Any]) -> str:
    return f"attachments/{record['digest']}{mimetypes.guess_extension(record['media_type']) or ''}"


def _line(record: Mapping[str, Any]) -> bytes:
    # ASCII: a lone surrogate, which a message may hold, is no UTF-8.
    return json.dumps(record, default=str).encode() + b"\n"
