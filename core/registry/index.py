"""Finding models among many: columns in memory that Polars filters and sorts, 100,000 of them in milliseconds."""

from __future__ import annotations

import base64
import copy
import hashlib
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

import polars as pl

from core.errors import GearboxError
from core.registry.typical import typical_cost
from data.values.registry import MOST_CARDS, Capability, FactSource, Modality, ModelCard, ModelPage, ModelQuery, Sort

_CAPABILITY_BIT: Final = {capability: 1 << place for place, capability in enumerate(Capability)}
_MODALITY_BIT: Final = {modality: 1 << place for place, modality in enumerate(Modality)}
_ORDERS: Final = {
    Sort.RELEVANCE: (["usable", "id"], [True, False]),
    Sort.NAME: (["id"], [False]),
    Sort.PRICE: (["cost", "id"], [False, False]),
    Sort.CONTEXT: (["context", "id"], [True, False]),
}
_SCHEMA: Final = {
    "row": pl.UInt32,
    "id": pl.String,
    "provider": pl.String,
    "text": pl.String,
    "category": pl.String,
    "capabilities": pl.UInt32,
    "modalities": pl.UInt32,
    "context": pl.Int64,
    "cost": pl.Float64,
    "ended": pl.Date,
    "said": pl.String,
}


class ModelIndex:
    """An immutable set of models, ready to be searched. Thread-safe.

    Args:
        cards: any order; each id once.
        labels: what people call each provider, where that is not its slug.
    """

    def __init__(self, cards: Iterable[ModelCard], labels: Mapping[str, str]) -> None:
        self._cards: Sequence[ModelCard] = tuple(cards)
        self._rows = {card.id: row for row, card in enumerate(self._cards)}
        self._labels = labels
        self._frame = _ranked(_frame(self._cards, labels).with_columns(usable=pl.lit(value=False)))
        self.etag = _digest(self._frame.select(*_SCHEMA))

    def seen_by(self, usable: Collection[str], more: Iterable[ModelCard] = ()) -> ModelIndex:
        """The same models as one person sees them, for milliseconds at 100,000.

        Args:
            usable: ids of the models that they can use now.
            more: models only they know of; one with an id that is there already takes its place.
        """
        added = {card.id: card for card in more}
        seen = copy.copy(self)
        seen._cards = (*self._cards, *added.values())
        seen._rows = {**self._rows, **{id_: len(self._cards) + place for place, id_ in enumerate(added)}}
        own = _frame(tuple(added.values()), self._labels, first_row=len(self._cards))
        kept = self._frame.select(*_SCHEMA)
        if replaced := added.keys() & self._rows.keys():
            kept = kept.filter(~pl.col("id").is_in(list(replaced)))
        seen._frame = _ranked(pl.concat([kept, own]).with_columns(usable=pl.col("id").is_in(list(usable))))
        seen.etag = _digest(pl.concat([own, seen._frame.filter("usable").select(*_SCHEMA)]).drop("row"), self.etag)
        return seen

    @property
    def cards(self) -> Sequence[ModelCard]:
        """Every card, also those whose place another has taken."""
        return self._cards

    def find(self, model_id: str) -> ModelCard | None:
        """One card by its id."""
        row = self._rows.get(model_id)
        return None if row is None else self._cards[row]

    def providers(self) -> dict[str, int]:
        """How many models each provider has, by slug in order."""
        counted = self._frame.group_by("provider").len().sort("provider")
        return dict(zip(counted["provider"], counted["len"], strict=True))

    def capabilities(self) -> dict[Capability, int]:
        """How many models have each capability."""
        bits = self._frame["capabilities"]
        return {capability: int(((bits & bit) != 0).sum()) for capability, bit in _CAPABILITY_BIT.items()}

    def search(self, query: ModelQuery, today: date) -> ModelPage:
        """One page of the models that fit; `today` says which are deprecated.

        Raises:
            GearboxError: the cursor is not one of this set of models, or the limit is out of range.
        """
        if not 1 <= query.limit <= MOST_CARDS:
            raise GearboxError(f"A page has 1 to {MOST_CARDS} models.", "Ask for fewer, and go on with the cursor.")
        order = f"by_{query.sort}"
        fitting = self._frame.lazy().filter(*_conditions(query, today))
        if query.q and query.sort is Sort.RELEVANCE:
            found = fitting.select("row", order, far=_farness(query.q)).sort("far", order).collect()["row"]
        else:
            found = fitting.select("row", order).sort(order).collect()["row"]
        # On another day another model may have ended.
        tag = f"{self.etag}{today:%y%m%d}"
        # A place in the answer to one question is nothing in that to another.
        asked = f"{tag}{hashlib.sha256(repr(replace(query, cursor='', limit=1)).encode()).hexdigest()[:12]}"
        start = _start(query.cursor, asked)
        rows = found.slice(start, query.limit)
        after = start + len(rows)
        return ModelPage(
            tuple(self._cards[row] for row in rows),
            len(found),
            _cursor(asked, after) if after < len(found) else "",
            tag,
        )


def _cursor(tag: str, place: int) -> str:
    # Bound to the set of models that it counts in: in another one the place is another card's.
    return base64.urlsafe_b64encode(f"{tag}:{place}".encode()).decode()


def _start(cursor: str, tag: str) -> int:
    if not cursor:
        return 0
    try:
        of, _, place = base64.urlsafe_b64decode(cursor.encode()).decode().partition(":")
        start = int(place)
    except ValueError:
        of, start = "", -1
    if of != tag or start < 0:
        raise GearboxError(
            "The list of models has changed since that page, or it was a page of another search.",
            "Begin again at the first page.",
        )
    return start


def _farness(text: str) -> pl.Expr:
    """0 for the model whose id or name was asked for, 1 for others."""
    said = text.strip().lower()
    id_ = pl.col("id").str.to_lowercase()
    return ((id_ != said) & (id_ != pl.col("provider").str.to_lowercase() + "/" + said)).cast(pl.UInt8)


def _conditions(query: ModelQuery, today: date) -> list[pl.Expr]:
    wanted = [pl.col("text").str.contains(word, literal=True) for word in query.q.lower().split()]
    if query.provider:
        wanted.append(pl.col("provider") == query.provider)
    if query.category is not None:
        wanted.append(pl.col("category") == query.category.value)
    if query.modality is not None:
        wanted.append((pl.col("modalities") & _MODALITY_BIT[query.modality]) != 0)
    if query.capability is not None:
        wanted.append((pl.col("capabilities") & _CAPABILITY_BIT[query.capability]) != 0)
    if query.usable is not None:
        wanted.append(pl.col("usable") == query.usable)
    if query.min_context is not None:
        wanted.append(pl.col("context") >= query.min_context)
    if query.max_price is not None:
        wanted.append(pl.col("cost") <= float(query.max_price))
    if not query.deprecated:
        wanted.append(pl.col("ended").is_null() | (pl.col("ended") > today))
    return wanted or [pl.lit(value=True)]


def _frame(cards: Sequence[ModelCard], labels: Mapping[str, str], first_row: int = 0) -> pl.DataFrame:
    columns = {
        "row": list(range(first_row, first_row + len(cards))),
        "id": [card.id for card in cards],
        "provider": [card.provider for card in cards],
        "text": [_text(card, labels) for card in cards],
        "category": [card.category.value for card in cards],
        "capabilities": [sum(_CAPABILITY_BIT[fact.capability] for fact in card.facts if fact.holds) for card in cards],
        "modalities": [sum(_MODALITY_BIT[each] for each in card.inputs | card.outputs) for card in cards],
        "context": [card.context_tokens for card in cards],
        # For order and comparison alone; what is shown is computed from the decimal prices.
        "cost": [None if (cost := typical_cost(card)) is None else float(cost) for card in cards],
        "ended": [card.deprecated_on for card in cards],
        "said": [_said(card) for card in cards],
    }
    return pl.DataFrame(columns, schema=_SCHEMA)


def _ranked(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with each card's place in every order: sorting numbers takes a tenth of sorting ids."""
    orders = {
        f"by_{sort}": frame.select(pl.arg_sort_by(columns, descending=descending, nulls_last=True))
        .to_series()
        .arg_sort()
        for sort, (columns, descending) in _ORDERS.items()
    }
    return frame.with_columns(**orders)


def _text(card: ModelCard, labels: Mapping[str, str]) -> str:
    return " ".join((card.id, card.label, card.family, labels.get(card.provider, ""))).lower()


def _said(card: ModelCard) -> str:
    """What of a card no other column holds and may change without a new catalogue; it makes the set's digest differ."""
    learned = [fact for fact in card.facts if fact.source is not FactSource.CATALOGUE]
    return f"{card.enabled}{card.custom}{card.prices if card.custom else ''}{learned or ''}"


def _digest(frame: pl.DataFrame, before: str = "") -> str:
    stream = io.BytesIO()
    frame.write_ipc(stream)
    return hashlib.sha256(before.encode() + stream.getbuffer()).hexdigest()[:32]
