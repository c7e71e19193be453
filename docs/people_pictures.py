"""Pictures of people and teams on the Admin page: `uv run python -m docs.people_pictures`, or with all others."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from playwright.sync_api import Page

from bench.app_process import AppProcess
from core.access.gate import build_access, build_gate
from core.config import Settings
from data.store import OwnerId, open_store
from data.values.access_rules import Lists, RuleOwner
from data.values.actor import Role
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.budgets import Budget, BudgetOwner
from data.values.people import Identity, Person, RolesFrom
from data.warehouse.file import open_warehouse
from docs import flag_pictures
from tests.warehouse.traffic import busy

_COLLEAGUES = {
    "Ada Lovelace": Role.MEMBER,
    "Grace Hopper": Role.ADMIN,
    "Alan Turing": Role.MEMBER,
    "Katherine Johnson": Role.ANALYST,
    "Barbara Liskov": Role.MEMBER,
}
_RESEARCH, _SUPPORT = (0, 2), (3, 4)


def populate(home: Path) -> None:
    """Colleagues in two teams who spend, some of them with budgets and with rules of what they may use."""
    home.mkdir()
    settings, now = Settings(home=home, kek_source="file"), datetime.now(UTC)
    store = open_store(settings.store_url, owner=OwnerId.current())
    gate = build_gate(settings, store, build_access(settings, store), remove_keys=lambda *_args: 0)
    owner = gate.sign_in.actor()
    for number, (name, role) in enumerate(_COLLEAGUES.items()):
        email, seen = f"{name.split()[-1].lower()}@example.org", now - timedelta(hours=7 * number)
        person = Person(f"person-{number}", name, now, email, frozenset({role}), RolesFrom.ADMIN, last_seen_at=seen)
        store.users.add(person, Identity("https://id.example.org", person.id))
    teams = {gate.teams.create(owner, "Research").id: _RESEARCH, gate.teams.create(owner, "Support").id: _SUPPORT}
    for team_id, members in teams.items():
        for number in members:
            gate.teams.add(owner, team_id, f"person-{number}")
    research = next(iter(teams))
    amounts = {(BudgetOwner.USER, "person-0"): 2, (BudgetOwner.USER, "person-2"): 60, (BudgetOwner.TEAM, research): 400}
    told = AuditEvent.by(owner, Action.SETTINGS_CHANGE, AuditOutcome.DONE)
    for (whose, owner_id), amount in amounts.items():
        store.budgets.save(Budget(whose, owner_id, Decimal(amount), owner.user_id, now), told)
    rules = gate.access_rules
    rules.set(owner, RuleOwner.TEAM, research, Lists(models=("openai/*", "sandbox/*")))
    rules.set(owner, RuleOwner.USER, "person-0", Lists(tools=("calculator", "make_chart", "read_document", "web_*")))
    store.close()
    made = busy(now, people=len(_COLLEAGUES), days=40, a_day=120)
    for call in made.calls:
        number = int(call["user_id"].removeprefix("person-"))
        call["team_id"] = next((team_id for team_id, members in teams.items() if number in members), None)
    warehouse = open_warehouse(home / "warehouse.duckdb", now)
    made.write(warehouse)
    warehouse.close()


def take(folder: Path, page_of: Callable[..., AbstractContextManager[Page]], keep: Callable[[Page, str], None]) -> None:
    """People in each look, and what one of them may use.

    Args:
        page_of: opens a page of a colour scheme, a width and a height.
        keep: keeps a picture under a name.
    """
    home = folder / "people-and-teams"
    populate(home)
    with AppProcess(home) as app:
        app.wait_warm()
        for name, look in (
            ("light", ("light", 1280, 800)),
            ("dark", ("dark", 1280, 800)),
            ("phone", ("light", 390, 844)),
        ):
            with page_of(*look) as page:
                page.goto(f"{app.url}/admin?tab=People")
                page.get_by_text("Ada Lovelace").wait_for()
                page.get_by_role("button", name="Manage").first.wait_for()
                keep(page, f"admin-people-{name}")
                if name == "light":
                    page.get_by_role("button", name="Manage").first.click()
                    page.get_by_role("menuitem", name="Models and tools").click()
                    page.get_by_role("dialog").get_by_role("button", name="Save").wait_for()
                    keep(page, "admin-allowed-light")


if __name__ == "__main__":
    flag_pictures.main(take)
