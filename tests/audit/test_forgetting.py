"""A person is forgotten, and everything that was signed about them stays valid."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import inspect, text

from core.access.arrival import IDENTITY_COOKIE, Arrival
from core.access.gate import build_access, build_gate
from core.audit.report import FindingKind
from core.cli.opened import OPERATOR
from data.store.engine import make_engine
from data.values.calls import KeyOwner
from tests.audit.conftest import OpenLog
from tests.audit.intruder import Intruder, changed
from tests.audit.log import Log

ADDRESS = "203.0.113.77"
CLAIMS = {
    "iss": "https://login.example.org",
    "sub": "subject-canary",
    "name": "Ann Canary",
    "email": "ann-canary@example.org",
    "email_verified": True,
}
WHO = ("Ann Canary", "ann-canary@example.org", "subject-canary", ADDRESS)


def test_forgetting_a_person_keeps_every_chain_valid(log: Log, open_log: OpenLog) -> None:
    other = open_log()
    settings = log.settings.model_copy(update={"sign_in": "oidc"})
    gates = [
        build_gate(
            settings,
            each.store,
            build_access(settings, each.store, log.clock),
            remove_keys=each.vault.remove_all,
            clock=log.clock,
        )
        for each in (log, other)
    ]
    claims = CLAIMS | {"iat": log.clock().timestamp()}
    ann = gates[0].sign_in.admit(Arrival(cookies={IDENTITY_COOKIE: "cookie"}, address=ADDRESS, claims=claims))
    for each in (log, other):  # their name is behind events of both chains, signed before and after
        put = each.vault.put(
            ann, KeyOwner.USER, ann.user_id, provider="openai", origin="https://api.openai.com", plaintext="sk-canary"
        )
        each.vault.set_expiry(ann, put.binding.secret_id, log.clock() + timedelta(days=9))
    log.trail.checkpoint_now()
    assert found(log) == set(WHO)

    gates[1].people.forget(OPERATOR, ann.user_id)

    assert found(log) == set()
    log.trail.checkpoint_now()
    report = log.trail.verify()
    assert (report.findings, report.chains, report.covered) == ((), 2, report.events)
    intruder = Intruder(settings.store_url)
    for rows in intruder.chains().values():
        theirs = next(row for row in rows if row["actor_id"] == ann.user_id)
        rest = [changed(row, actor="nobody") if row is theirs else row for row in rows]
        intruder.put_chain(rest)
        assert [one.kind for one in log.trail.verify().findings] == [FindingKind.EDITED], "their events count as ever"
        intruder.put_chain(rows)
    intruder.close()


def found(log: Log) -> set[str]:
    """What of the person is in any row of any table."""
    engine = make_engine(log.settings.store_url)
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        everything = repr([connection.execute(text(f'SELECT * FROM "{table}"')).all() for table in tables])
    engine.dispose()
    return {word for word in WHO if word in everything}
