"""A rollout that makes calls fail, in a running Gearbox over real HTTP, is rolled back by itself."""

from __future__ import annotations

import random
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from core.access.policy import Permission
from core.flags.guarding import RolledBack
from data.store import OwnerId, open_store
from data.values.actor import Actor, Role
from data.values.flags import PARTS, Flag, FlagKind, Rollout, Rule, Weight
from data.values.guardrails import Metric, usual
from data.values.people import Identity, Person
from tests.api.gearbox import Gearbox, running
from tests.chat.house import now

PEOPLE = [f"person-{number}" for number in range(14)]
FLAG = Flag(
    "new-prompts",
    FlagKind.JSON,
    {"new": {"failing": 0.3}, "old": {"failing": 0.0}},
    "old",
    "old",
    rules=(Rule("half", rollout=Rollout(PARTS // 2, (Weight("new"),), "old", guardrail=usual())),),
)
MOST = 200


def tokens_of(gearbox: Gearbox) -> dict[str, str]:
    settings, made = gearbox.services.settings, {}
    with closing(open_store(settings.store_url, owner=OwnerId.current())) as store:
        for who in PEOPLE:
            store.users.add(Person(who, who, created_at=now()), Identity("test", who))
    for who in PEOPLE:
        actor = Actor(who, frozenset({Role.MEMBER}))
        made[who] = gearbox.services.tokens.create(actor, "program", [Permission.CHAT])[1]
    return made


def test_a_bad_rollout_is_rolled_back_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.flag_parts.LOOKED", timedelta(seconds=0.05))
    rng, told, came = random.Random(7), list[RolledBack](), threading.Event()
    with running(tmp_path / "home") as gearbox:
        parts, tokens = gearbox.services.flag_parts, tokens_of(gearbox)

        alerting = parts.guardrails.on_breach

        def on_breach(rolled_back: RolledBack) -> None:
            alerting(rolled_back)
            told.append(rolled_back)
            came.set()

        parts.guardrails.on_breach = on_breach
        parts.admin.save(gearbox.services.actor(), FLAG, "other prompts for half of us")

        def ask(who: str) -> int:
            """What a program does for somebody: it asks for the flag, and calls a model as that says."""
            seen = gearbox.ask("GET", f"/api/v1/flags/new-prompts/evaluate?person_id={who}").json()
            fault = "[[fault:refused]] " if rng.random() < seen["value"]["failing"] else ""
            body = {"model": "sandbox/scripted", "messages": [{"role": "user", "content": f"{fault}[[say:Yes]]"}]}
            bearer = {"Authorization": f"Bearer {tokens[who]}"}
            return gearbox.ask("POST", "/v1/chat/completions", json=body, headers=bearer).status_code

        asked, failed = 0, 0
        while asked < MOST and not came.is_set():
            failed += ask(rng.choice(PEOPLE)) != 200
            asked += 1
        assert came.wait(30), f"{failed} of {asked} failed, and nothing came of it"
        assert failed > 3

        shown = gearbox.ask("GET", "/api/v1/flags/new-prompts").json()
        rollout = shown["rules"][0]["rollout"]
        assert (rollout["share"], rollout["breach"]["metric"], rollout["breach"]["share"]) == (0, "error_rate", 50_000)
        change = gearbox.ask("GET", "/api/v1/flags/new-prompts/history").json()["changes"][0]
        assert (change["by"], change["version"]) == ("gearbox", 2)
        assert change["why"].startswith("Guardrail: failed calls, treated ")
        assert [each.breach.metric for each in told] == [Metric.ERROR_RATE]
        assert {ask(who) for who in PEOPLE} == {200}
        with closing(open_store(gearbox.services.settings.store_url, owner=OwnerId.current())) as store:
            (alerted,) = store.alerts.facts()["guardrail-breach"]
        assert alerted.group == "new-prompts"
