"""A log of several processes, tampered with at random up to the last checkpoint outside: all of it is found.

The intruder owns the database, so often enough they take the checkpoints in it away, too.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import timedelta

import pytest

from core.audit.places import CheckpointFile
from core.audit.report import FindingKind
from data.store.tables import audit_checkpoints
from data.values.audit import Checkpoint
from tests.audit.attacks import EXACT, RESTAMPS
from tests.audit.conftest import OpenLog
from tests.audit.intruder import Intruder, Rows
from tests.audit.log import Log

PROCESSES, ROUNDS = 3, 9
ATTACKS = [*EXACT, *RESTAMPS]


@dataclass(frozen=True)
class Scene:
    """What is there before anything is done to it."""

    log: Log
    intruder: Intruder
    chains: dict[str, Rows]
    signed: dict[str, list[int]]
    """The numbers of each chain's events that a checkpoint outside signed as the last, in order."""
    checkpoints: Rows


def build(open_log: OpenLog, rng: random.Random) -> Scene:
    logs = [open_log() for _ in range(PROCESSES)]
    for _ in range(ROUNDS):
        for log in rng.sample(logs, rng.randint(1, PROCESSES)):
            log.write(rng.randint(1, 4))
        logs[0].clock.forward(timedelta(seconds=30))
        assert logs[0].trail.checkpoint_now()
    for log in logs:
        log.write(rng.randint(0, 2))  # nobody outside knows of these
    intruder = Intruder(logs[0].settings.store_url)
    return Scene(logs[0], intruder, intruder.chains(), signed_ends(logs[0]), intruder.table(audit_checkpoints))


def signed_ends(log: Log) -> dict[str, list[int]]:
    ends: dict[str, list[int]] = {}
    for checkpoint in CheckpointFile(log.file).read():
        assert isinstance(checkpoint, Checkpoint)
        for chain_id, seq, _ in json.loads(checkpoint.heads)["heads"]:
            ends.setdefault(chain_id, []).append(seq)
    return ends


def tamper(scene: Scene, name: str, rng: random.Random) -> None:
    """Do it once, look at what is found, and undo it."""
    chain_id = rng.choice(sorted(scene.signed))
    sound, ends = scene.chains[chain_id], scene.signed[chain_id]
    attack = EXACT.get(name)
    n = rng.randint(1, min(ends[-1], len(sound) - (attack is None or not attack.last)))
    change = RESTAMPS[name] if attack is None else attack.change
    scene.intruder.put_chain(change(sound, n, scene.intruder.origin(sound)), chain_id)
    kept = rng.choice([len(scene.checkpoints), rng.randrange(len(scene.checkpoints)), 0])
    scene.intruder.put_table(audit_checkpoints, scene.checkpoints[:kept])

    found = [(one.kind, one.seq) for one in scene.log.trail.verify().findings if one.chain_id == chain_id]
    expected = [(attack.kind, n)] if attack else unlike_what_was_signed(n, len(sound), ends)
    assert found and found[0] in expected, (name, n, kept, found)
    scene.intruder.put_chain(sound, chain_id)
    scene.intruder.put_table(audit_checkpoints, scene.checkpoints)


def unlike_what_was_signed(n: int, length: int, ends: list[int]) -> list[tuple[FindingKind, int]]:
    """What may be found where a chain has no contradiction in itself: between which two checkpoints it changed."""
    last_good = max((end for end in ends if end < n), default=0)
    at_first = [(FindingKind.EDITED, 0)] if n == 1 else []  # the chain's record has the time of its first event
    return [(FindingKind.RESTAMPED, last_good + 1), (FindingKind.TAIL_CUT, length), *at_first]


@pytest.mark.parametrize(
    ("seed", "times"), [(1, 6), *(pytest.param(seed, 30, marks=pytest.mark.campaign) for seed in range(2, 5))]
)
def test_whatever_is_done_is_found(open_log: OpenLog, seed: int, times: int) -> None:
    rng = random.Random(seed)
    scene = build(open_log, rng)
    for name in ATTACKS * times:
        tamper(scene, name, rng)
    assert scene.log.trail.verify().ok
    scene.intruder.close()
