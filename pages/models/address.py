"""What the page's address says: the filters, the model in view and the ones side by side. It is what gets shared.

An address may come from anybody and from any release: what can't be read is left out, never an error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeVar

from data.values.registry import Capability, Category, Modality, ModelQuery, Sort

MOST_PICKS = 4
"""Models side by side at most: more don't fit beside each other."""
PAGE = 20
"""Models of one page of the list."""
_LONGEST = 200
_Term = TypeVar("_Term", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Address:
    """`opened` is the model in view, `picks` those chosen to compare, which `comparing` shows side by side."""

    query: ModelQuery = field(default_factory=lambda: ModelQuery(limit=PAGE))
    opened: str = ""
    picks: tuple[str, ...] = ()
    comparing: bool = False

    def opening(self, model_id: str) -> Address:
        """The same with one model in view; an empty id leads back to the list."""
        return replace(self, opened=model_id, comparing=False)

    def picking(self, model_id: str) -> Address:
        """The same with a model chosen to compare, or not any more."""
        others = tuple(each for each in self.picks if each != model_id)
        picks = others if model_id in self.picks else (*self.picks, model_id)[:MOST_PICKS]
        return replace(self, picks=picks, comparing=self.comparing and len(picks) > 1)


def read(params: Mapping[str, Sequence[str]]) -> Address:
    """The address of these parameters, each with all its values."""

    def one(name: str) -> str:
        return (params.get(name) or ("",))[0][:_LONGEST]

    picks = tuple(dict.fromkeys(each[:_LONGEST] for each in params.get("pick", ()) if each))[:MOST_PICKS]
    query = ModelQuery(
        q=one("q"),
        provider=one("provider"),
        category=_read(Category, one("for")),
        modality=_read(Modality, one("in")),
        capability=_read(Capability, one("can")),
        usable=True if one("now") else None,
        min_context=_whole(one("context")),
        max_price=_price(one("price")),
        deprecated=bool(one("ended")),
        sort=_read(Sort, one("sort")) or Sort.RELEVANCE,
        cursor=one("from"),
        limit=PAGE,
    )
    return Address(query, one("model"), picks, comparing=bool(one("compare")) and len(picks) > 1)


def written(address: Address) -> dict[str, str | list[str]]:
    """The parameters that `read` makes this address of; what is not set is not there."""
    query = address.query
    params: dict[str, str | list[str]] = {
        "q": query.q,
        "for": query.category or "",
        "provider": query.provider,
        "in": query.modality or "",
        "can": query.capability or "",
        "now": "1" if query.usable else "",
        "context": str(query.min_context or ""),
        "price": "" if query.max_price is None else f"{query.max_price:f}",
        "ended": "1" if query.deprecated else "",
        "sort": "" if query.sort is Sort.RELEVANCE else query.sort,
        "from": query.cursor,
        "model": address.opened,
        "pick": list(address.picks),
        "compare": "1" if address.comparing else "",
    }
    return {name: value for name, value in params.items() if value}


def _read(kind: type[_Term], text: str) -> _Term | None:
    try:
        return kind(text) if text else None
    except ValueError:
        return None


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _price(text: str) -> Decimal | None:
    try:
        price = Decimal(text)
    except InvalidOperation:
        return None
    return price if price.is_finite() and 0 <= price < 10**9 else None
