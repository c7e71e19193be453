"""What was found out about models by trying and by using them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Future

from sqlalchemy import Connection, delete, insert, select

from data.store.columns import upsert
from data.store.database import Database
from data.store.tables import model_facts
from data.values.audit import AuditEvent
from data.values.registry import Capability, CapabilityFact, FactSource

_KNOWN = {each.value for each in Capability}, {each.value for each in FactSource}

Place = tuple[str, str]
"""An endpoint's id and a model's name there."""


class ModelFacts:
    """The newest fact of each endpoint, model, capability and source. Blocking, except `submit`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[Place, tuple[CapabilityFact, ...]]:
        """Every fact, by place. What a later release wrote and this one can't read is left out."""
        order = (model_facts.c.endpoint_id, model_facts.c.model, model_facts.c.capability, model_facts.c.source)
        found: dict[Place, list[CapabilityFact]] = {}
        with self._database.read() as connection:
            for row in connection.execute(select(model_facts).order_by(*order)):
                if row.capability in _KNOWN[0] and row.source in _KNOWN[1]:
                    fact = CapabilityFact(
                        Capability(row.capability), row.holds, FactSource(row.source), row.at, row.evidence
                    )
                    found.setdefault((row.endpoint_id, row.model), []).append(fact)
        return {place: tuple(facts) for place, facts in found.items()}

    def save(self, place: Place, facts: Iterable[CapabilityFact], *, event: AuditEvent) -> None:
        """Keep facts, all with their `at`, in the place of earlier ones, with the event that tells of it."""

        def work(connection: Connection) -> None:
            for fact in facts:
                _keep(connection, place, fact)
            self._database.audit(event)

        self._database.write(work)

    def replace(self, endpoint_id: str, source: FactSource, facts: Mapping[str, Iterable[CapabilityFact]]) -> None:
        """Keep what a source says of an endpoint's models, by their names, and nothing that it said before."""
        rows = [_row((endpoint_id, model), fact) for model, said in facts.items() for fact in said]

        def work(connection: Connection) -> None:
            connection.execute(
                delete(model_facts).where(
                    model_facts.c.endpoint_id == endpoint_id, model_facts.c.source == source.value
                )
            )
            if rows:
                connection.execute(insert(model_facts), rows)

        self._database.write(work)

    def submit(self, place: Place, fact: CapabilityFact) -> Future[None]:
        """Keep one fact without waiting for it."""
        return self._database.submit(lambda connection: _keep(connection, place, fact))


def _keep(connection: Connection, place: Place, fact: CapabilityFact) -> None:
    upsert(connection, model_facts, _row(place, fact), key=["endpoint_id", "model", "capability", "source"])


def _row(place: Place, fact: CapabilityFact) -> dict[str, object]:
    return {
        "endpoint_id": place[0],
        "model": place[1],
        "capability": fact.capability.value,
        "source": fact.source.value,
        "holds": fact.holds,
        "at": fact.at,
        "evidence": fact.evidence,
    }
