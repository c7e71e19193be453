"""Pictures of the Flags page: `uv run python -m docs.flag_pictures`, or with all others by `docs.take_screenshots`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from bench.app_process import CHROMIUM_ARGUMENTS, AppProcess, chromium
from core.access.gate import build_access, build_gate
from core.config import Settings
from core.flag_parts import make_service
from data.store import OwnerId, open_store
from data.values.actor import Role
from data.values.flag_evaluation import FlagContext, evaluate
from data.values.flags import (
    PARTS,
    Attribute,
    Condition,
    Flag,
    FlagKind,
    FlagState,
    Prerequisite,
    Rollout,
    Rule,
    Step,
    Weight,
)
from data.values.people import Identity, Person, RolesFrom
from data.warehouse.file import open_warehouse
from tests.warehouse.traffic import busy

_PEOPLE = 48
_TEAMS = ("Research", "Sales", "Support")
_BESIDE = {"Ada Lovelace": Role.MEMBER, "Grace Hopper": Role.ADMIN, "Katherine Johnson": Role.ANALYST}


def populate(home: Path) -> None:
    """A company with flags in every state, and traffic that a rollout shows in."""
    home.mkdir()
    settings, now = Settings(home=home, kek_source="file"), datetime.now(UTC)
    store = open_store(settings.store_url, owner=OwnerId.current())
    access = build_access(settings, store)
    gate = build_gate(settings, store, access, remove_keys=lambda *_args: 0)
    owner = gate.sign_in.actor()
    teams = [gate.teams.create(owner, name).id for name in _TEAMS]
    for number in range(_PEOPLE):
        name, role = [*_BESIDE.items(), *[(f"Colleague {number + 1}", Role.MEMBER)] * _PEOPLE][number]
        person = Person(f"person-{number}", name, now, f"p{number}@example.org", frozenset({role}), RolesFrom.ADMIN)
        store.users.add(person, Identity("https://id.example.org", person.id))
        gate.teams.add(owner, teams[number % len(teams)], person.id)
    service = make_service(settings, access, store)
    painting = _painting(teams[0], service.get(owner, "image-generation"), now)
    kept = service.save(owner, painting, "Sales first, then everybody if it costs what we think")
    flag = service.save(owner, replace(kept, rules=_with_share(kept.rules, 25)), "no complaints in a week")
    service.save(owner, replace(service.get(owner, "video-generation"), prerequisites=(Prerequisite(flag.key, "on"),)))
    service.set_state(owner, "mcp", FlagState.KILLED, "One of the servers hangs, and answers with it")
    limit = {"generous": 50, "usual": 10}
    service.save(owner, Flag("search-results", FlagKind.NUMBER, limit, "usual", "usual", owner="Search team"))
    _traffic(home, flag, teams, now)
    store.close()


def _painting(team: str, flag: Flag, now: datetime) -> Flag:
    mine = Rule("research", (Condition(Attribute.TEAM, (team,)),), "on")
    rest = Rollout(PARTS // 10, (Weight("on"),), "off")
    steps = tuple(Step(now + timedelta(days=day), PARTS * share // 100) for day, share in ((3, 25), (10, 100)))
    lab = Rule("staging", (Condition(Attribute.ENVIRONMENT, ("staging",)),), rollout=replace(rest, steps=steps))
    return replace(flag, rules=(mine, lab, Rule("rest", rollout=rest)), owner="Grace Hopper")


def _with_share(rules: tuple[Rule, ...], percent: int) -> tuple[Rule, ...]:
    last = rules[-1]
    assert last.rollout is not None
    return (*rules[:-1], replace(last, rollout=replace(last.rollout, share=PARTS * percent // 100)))


def _traffic(home: Path, flag: Flag, teams: Sequence[str], now: datetime) -> None:
    made = busy(now, people=_PEOPLE, days=9, a_day=400)
    warehouse = open_warehouse(home / "warehouse.duckdb", now)
    made.write(warehouse)
    for number in range(_PEOPLE):
        who = FlagContext(f"person-{number}", team_ids=(teams[number % len(teams)],))
        found = evaluate({flag.key: flag}, flag.key, who, now)
        exposure = [f"e{number}", now - timedelta(days=6), f"person-{number}", flag.key, found.variant, found.arm]
        warehouse.execute(
            "INSERT INTO flag_exposures (event_id, ts, user_id, flag, variant, arm, reason, unit, version) "
            "VALUES (?, ?, ?, ?, ?, ?, 'SPLIT', 'user', 2)",
            [each.replace(tzinfo=None) if isinstance(each, datetime) else each for each in exposure],
        )
    warehouse.close()


def take(
    folder: Path,
    opened: Callable[[str, int, int], AbstractContextManager[Page]],
    keep: Callable[[Page, str], None],
) -> None:
    """Start an app over it, and keep pictures of the list and of one flag.

    Args:
        opened: opens a page: colour scheme, width and height in.
        keep: keeps a picture under a name.
    """
    populate(folder / "flags")
    with AppProcess(folder / "flags") as app:
        app.wait_warm()
        for name, scheme, width, height in (("light", "light", 1280, 1000), ("dark", "dark", 1280, 1000),
                                            ("phone", "dark", 390, 844)):  # fmt: skip
            with opened(scheme, width, height) as page:
                page.goto(f"{app.url}/flags")
                page.get_by_role("button", name="New flag").wait_for(timeout=60_000)
                keep(page, f"flags-{name}")
        with opened("light", 1280, 1000) as page:
            _one(page, app.url, keep)
        with opened("dark", 390, 844) as page:
            page.goto(f"{app.url}/flags?flag=image-generation")
            page.get_by_role("button", name="Add a rule").wait_for(timeout=60_000)
            keep(page, "flags-rules-phone")


def _one(page: Page, url: str, keep: Callable[[Page, str], None]) -> None:
    page.goto(f"{url}/flags?flag=image-generation")
    page.get_by_role("button", name="Add a rule").wait_for(timeout=60_000)
    keep(page, "flags-rules-light")
    page.get_by_role("button", name="Edit").nth(1).click()
    page.get_by_role("button", name="Save the rule").wait_for(timeout=60_000)
    keep(page, "flags-rule-light")
    page.get_by_role("button", name="Close").click()
    page.get_by_role("dialog").wait_for(state="detached")
    for tab, name in (("Who sees what", "seen"), ("History", "history"), ("Effect", "effect")):
        page.get_by_role("tab", name=tab).click()
        if name == "seen":
            page.get_by_test_id("stSelectbox").filter(has_text="Person").locator("input").first.click()
            page.keyboard.type("Katherine")
            page.keyboard.press("Enter")
        keep(page, f"flags-{name}-light")


def main(taken: Callable[..., None] = take) -> None:
    """Take them alone, or those of another page."""
    images = Path(__file__).resolve().parent / "images"

    def keep(page: Page, name: str) -> None:
        page.mouse.move(640, 790)
        page.wait_for_timeout(3500)
        page.screenshot(path=images / f"{name}.png")

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)

        @contextmanager
        def opened(scheme: str, width: int, height: int) -> Iterator[Page]:
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme="dark" if scheme == "dark" else "light"
            )
            yield context.new_page()
            context.close()

        taken(Path(folder), opened, keep)
        browser.close()


if __name__ == "__main__":
    main()
