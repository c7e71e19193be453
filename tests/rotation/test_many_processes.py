"""Eight processes read, put and rotate on one database at the same time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.config import Settings
from data.values.calls import KeyOwner
from data.values.keks import KekState
from tests.people import ALICE
from tests.rotation.chains import chain_faults
from tests.rotation.places import Place
from tests.rotation.processes import Seen, context, key_of, live, start

PROCESSES = 8


@pytest.mark.parametrize(("seconds", "destroy"), [(4.0, False), pytest.param(40.0, True, marks=pytest.mark.campaign)])
def test_no_decrypt_fails_and_no_chain_forks(
    here: Place, settings: Settings, tmp_path: Path, seconds: float, destroy: bool
) -> None:
    barrier = context().Barrier(PROCESSES)
    results = [tmp_path / f"seen-{number}.json" for number in range(PROCESSES)]
    running = [
        start(live, settings, number, seconds, destroy, barrier, str(result)) for number, result in enumerate(results)
    ]
    for process in running:
        process.join(seconds + 90)
        assert process.exitcode == 0
    seen = [Seen(**json.loads(result.read_text())) for result in results]
    assert [failure for each in seen for failure in each.failures] == []
    opened, put, rotated = (sum(getattr(each, what) for each in seen) for what in ("opened", "put", "rotated"))
    assert min(opened, put, rotated) > 0
    assert chain_faults(settings.store_url) == []
    keys = {
        card.binding.secret_id: key_of(card.binding.provider) for card in here.vault.cards(KeyOwner.USER, ALICE.user_id)
    }
    assert len(keys) == put
    assert here.opens(keys)
    active = [record for record in here.store.keks.all() if record.state is KekState.ACTIVE]
    assert len(active) == 1
    assert here.store.keks.in_use() == {active[0].kek_id: 2 * put}
    assert len({record.to_kek for record in here.rotator.history()}) == rotated
