"""What models were seen to refuse: a call that one refuses is made again without it, and never sent that way again.

It counts as learned only when the call without it was answered: else the refusal may have meant something else.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from core.clock import utc_now
from core.errors import GearboxError, ProviderError
from core.providers.features import UNSEEN, Feature, lacks_thoughts, refuted, without
from core.providers.request import ModelRequest
from data.values.calls import ErrorKind
from data.values.errors import StoreError

KEPT_FOR = timedelta(days=7)
"""How long a refusal stands: models and servers are upgraded, and one failed call a week finds that out."""

# 404: OpenRouter's answer where none of a model's hosts takes what was sent.
_STATUSES = {400, 404, 422, None}
_KINDS = {ErrorKind.BAD_REQUEST, ErrorKind.NOT_FOUND}
_log = logging.getLogger(__name__)

Place = tuple[str, str]
"""An endpoint's id and a model's name there: what one server refuses, another one with that model may take."""


class RefusalBook(Protocol):
    """Where refusals outlive the process; blocking."""

    def all(self) -> Mapping[tuple[str, str, str], datetime]:
        """When each was learned, by endpoint's id, model and feature."""
        ...

    def save(self, endpoint_id: str, model: str, feature: str, at: datetime) -> None:
        """Keep one."""
        ...

    def remove(self, endpoint_id: str, model: str, feature: str) -> None:
        """Forget one."""
        ...


class Learned:
    """Refusals by endpoint and model. Thread-safe.

    Args:
        book: where they are kept; without one they end with the process. Read once, here.
        clock: UTC.
    """

    def __init__(self, book: RefusalBook | None = None, clock: Callable[[], datetime] = utc_now) -> None:
        self._book = book
        self._clock = clock
        self._lock = threading.Lock()
        self._refused: dict[Place, dict[Feature, datetime]] = {}
        known = {feature.value for feature in Feature}
        for (endpoint_id, model, feature), at in (book.all() if book else {}).items():
            if feature in known:  # else a later release wrote it
                self._refused.setdefault((endpoint_id, model), {})[Feature(feature)] = at

    def refused(self, endpoint_id: str, model: str) -> dict[Feature, datetime]:
        """What a model refuses there, and when that was seen."""
        if (endpoint_id, model) not in self._refused:  # almost every call
            return {}
        since = self._clock() - KEPT_FOR
        with self._lock:
            return {feature: at for feature, at in self._refused[endpoint_id, model].items() if at >= since}

    def all(self) -> dict[Place, dict[Feature, datetime]]:
        """Every refusal that stands, by place."""
        with self._lock:
            places = list(self._refused)
        return {place: refused for place in places if (refused := self.refused(*place))}

    async def forget(self, place: Place, features: Collection[Feature]) -> None:
        """Unlearn refusals: what was refused was seen to work."""
        for feature in self.refused(*place).keys() & set(features):
            with self._lock:
                self._refused[place].pop(feature, None)
            if self._book is not None:
                await asyncio.to_thread(self._book.remove, *place, feature.value)

    async def keep(self, place: Place, features: Collection[Feature]) -> None:
        """Learn refusals. That they can't be written does not harm the answer they were learned by."""
        now = self._clock()
        with self._lock:
            self._refused.setdefault(place, {}).update(dict.fromkeys(features, now))
        if self._book is None:
            return
        try:
            for feature in features:
                await asyncio.to_thread(self._book.save, *place, feature.value, now)
        except StoreError as error:
            _log.warning("what a model refuses is known to this process alone: %s", error)


class Trial:
    """One answer's calls: what they are made without, and what was found out by them. For one task."""

    left_out: tuple[Feature, ...] = ()
    """What an answer to the request that was fitted last may show the lack of."""

    def __init__(self, learned: Learned) -> None:
        self._learned = learned
        self._found: dict[Place, list[Feature]] = {}
        self._sent: dict[Place, ModelRequest] = {}

    def fit(self, request: ModelRequest, *, in_words: bool = True) -> ModelRequest:
        """The request as its model takes it, as far as that is known.

        Args:
            in_words: whether a model that takes no tools is told of them in words; else it has none.
        """
        place = _place(request)
        self.left_out = ()
        unfit = {Feature.TOOLS} if request.prompts_tools else set[Feature]()
        unfit |= {*self._learned.refused(*place), *self._found.get(place, ())}
        if Feature.TOOLS in unfit and not in_words:
            request = replace(request, options={**request.options, "tool_choice": "none"})
            self.left_out = (Feature.TOOLS,)
        if request.prompts_tools:
            request = without(request, Feature.TOOLS)
        for feature in [*self._learned.refused(*place), *self._found.get(place, ())]:
            fitted = without(request, feature)
            if fitted is not request and feature not in UNSEEN and feature is not Feature.TOOLS:  # said in words
                self.left_out += (feature,)
            request = fitted
        if lacks_thoughts(request):
            self.left_out += (Feature.REASONING_EFFORT,)
            request = without(request, Feature.REASONING_EFFORT)
        self._sent[place] = request
        return request

    def refutes(self, request: ModelRequest, error: GearboxError) -> bool:
        """Whether a call failed because of a part that it can do without; `fit` leaves that out from now on."""
        if not (isinstance(error, ProviderError) and error.kind in _KINDS and error.status in _STATUSES):
            return False
        feature = refuted(str(error), self._sent.get(_place(request), request))  # others may have learned it since
        found = self._found.setdefault(_place(request), [])
        if feature is None or feature in found:
            return False
        found.append(feature)
        return True

    async def answered(self, request: ModelRequest) -> None:
        """The model began to answer: what the call was made without is what it had refused."""
        if found := self._found.pop(_place(request), None):
            await self._learned.keep(_place(request), found)


def _place(request: ModelRequest) -> Place:
    return request.endpoint.id, request.model.name
