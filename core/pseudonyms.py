"""What people are called beside numbers by those who may not know who is behind them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data.store import Store

_DIGITS = 12


def pseudonym(deployment_id: str, user_id: str) -> str:
    """`p-` and the first twelve hexadecimal digits of the SHA-256 of both ids, one behind the other.

    The same person has the same one on every page and in every query of a deployment, and another one in any other.
    SQL over the warehouse makes the same: `'p-' || left(sha256($deployment_id || user_id), 12)`.
    """
    return f"p-{hashlib.sha256(f'{deployment_id}{user_id}'.encode()).hexdigest()[:_DIGITS]}"


def called(store: Store, user_ids: Iterable[str], *, by_name: bool) -> dict[str, str]:
    """What to call each of these people: by their pseudonym, or by name where they have one.

    Those of sample data are in no database, and who was forgotten has no name: they have their pseudonyms either way.
    Blocking.
    """
    wanted = set(user_ids)
    names = {each.id: each.display_name for each in store.users.all()} if by_name and wanted else {}
    return {each: names.get(each) or pseudonym(store.deployment_id, each) for each in wanted}
