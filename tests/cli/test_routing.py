"""`python -m core routing ...`"""

from __future__ import annotations

from sqlalchemy import update

from data.learning.routing.counting import COUNTING
from data.store import OwnerId, Store
from data.store.engine import make_engine
from data.store.tables import routing_tallies
from tests.cli.conftest import Gearbox
from tests.databases import open_store
from tests.store.routing_writer import history, set_up


def test_verify_and_rebuild(gearbox: Gearbox) -> None:
    def answers(_store: Store, _vault: object) -> None:
        counting = open_store(f"sqlite:///{gearbox.database}", owner=OwnerId.current(), counting=COUNTING)
        set_up(counting, 7, 4)
        for event in history(7, 4, 20):
            event(counting)
        counting.close()

    gearbox.set_up(answers)
    said = gearbox.run("routing", "verify")
    assert (said.code, said.text[:5]) == (0, "SAME:"), said.text
    engine = make_engine(f"sqlite:///{gearbox.database}")
    with engine.begin() as connection:
        connection.execute(update(routing_tallies).values(weight=routing_tallies.c.weight + 1))
    engine.dispose()

    said = gearbox.run("routing", "verify")
    assert said.code == 1 and said.text.startswith("DIFFERENT:") and " more\n" in said.text, said.text
    assert "python -m core routing rebuild" in said.text
    assert gearbox.run("routing", "rebuild").code == 0
    assert gearbox.run("routing", "verify").code == 0
    assert gearbox.run("audit", "verify").code == 0
