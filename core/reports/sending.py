"""Hands a report over to its place, through a process that is ended in any case."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from core.config import Settings
from core.errors import GearboxError
from core.providers.guard import AddressGuard
from core.reports.letter import Letter
from core.reports.places import kind_of
from data.documents.asking import ask

SECONDS = 60.0
"""That handing over may take, besides the start of the process."""

_CHILD = "core.reports.child"


class NotSent(GearboxError):
    """A place did not take a report; its words say nothing of the address."""


@dataclass(frozen=True, slots=True)
class Fit:
    """An address that can be used: the service's name, and what may be shown of it."""

    kind: str
    shown: str


@dataclass(frozen=True, slots=True)
class Incident:
    """What several messages are about: a service that keeps incidents (PagerDuty) makes one of them, and ends it."""

    id: str
    is_over: bool


class Sender:
    """Checks addresses and sends to them. Blocks for some seconds. Thread-safe."""

    def __init__(self, settings: Settings) -> None:
        self._rules = {"plain_hosts": settings.plain_http_hosts, "guard": AddressGuard.of(settings).rules.told()}

    def check(self, address: str) -> Fit:
        """Whether reports can go there, as far as can be told without sending one.

        Raises:
            GearboxError: they can't; its words repeat no secret.
        """
        kind = kind_of(address)
        return Fit(kind.name, str(self._asked(address)["shown"]))

    def send(self, address: str, letter: Letter, incident: Incident | None = None) -> None:
        """Hand a report over.

        Raises:
            NotSent: it was not taken, or may not be sent there; it may have been taken where no answer came in time.
        """
        content = {"title": letter.title, "markdown": letter.markdown, "html": letter.html}
        said = self._asked(address, **content, **({"incident": asdict(incident)} if incident else {}))
        if not said.get("sent"):
            raise NotSent(str(said.get("trouble", "It can't be sent.")))

    def _asked(self, address: str, **letter: Any) -> dict[str, Any]:
        content = json.dumps({"address": address, **self._rules, **letter}).encode()
        said, _ = ask(_CHILD, {}, content, seconds=SECONDS)
        if "unfit" in said:
            raise NotSent(str(said["unfit"]))
        if not said:
            raise NotSent("It did not answer in time.", "Try again.")
        if "shown" not in said:
            raise NotSent(str(said.get("trouble", "It can't be sent.")))
        return said
