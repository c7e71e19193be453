"""`python -m core demo ...`"""

from __future__ import annotations

import pytest

from data.store import OwnerId
from tests.cli.conftest import Gearbox, now
from tests.databases import open_store

SMALL = ("--days", "6", "--users", "5")


def payloads(gearbox: Gearbox) -> list[tuple[str, dict[str, object]]]:
    store = open_store(f"sqlite:///{gearbox.database}", owner=OwnerId.current())
    try:
        return [(row.kind, row.payload) for row in store.outbox.batch(99_999)]
    finally:
        store.close()


def test_seed_twice_and_clear_twice(gearbox: Gearbox) -> None:
    gearbox.set_up()
    said = gearbox.run("demo", "seed", *SMALL)
    events = payloads(gearbox)
    assert said.code == 0 and said.text.startswith(f"{len(events):,} events of 6 days and 5 made-up people"), said.text
    assert len(events) > 50 and "python -m core demo clear" in said.text
    again = gearbox.run("demo", "seed", *SMALL)
    assert again.code == 2 and again.text.startswith(f"There is sample data already: {len(events):,} events of 6 days")
    assert "Remove it first: `python -m core demo clear`" in again.text
    assert payloads(gearbox) == events
    cleared = gearbox.run("demo", "clear")
    assert (
        cleared.code == 0 and f"Asked to remove {len(events):,} sample events; {len(events):,} of them" in cleared.text
    )
    assert [kind for kind, _ in payloads(gearbox)] == ["sample_cleared"]
    nothing = gearbox.run("demo", "clear")
    assert nothing.code == 0 and nothing.text.startswith("No sample data is known of.")
    assert gearbox.run("audit", "verify").code == gearbox.run("routing", "verify").code == 0


def test_the_seed_decides(gearbox: Gearbox) -> None:
    gearbox.set_up()
    today, found = None, []
    while now().date() != today:  # once more where a day began meanwhile: it would be of other days
        today, found = now().date(), [seeded(gearbox, seed) for seed in ("7", "7", "8")]
    assert found[0] == found[1] != found[2]


def seeded(gearbox: Gearbox, seed: str) -> list[object]:
    """What is posted with a seed, and is cleared again; not today's, which may have become longer meanwhile."""
    assert gearbox.run("demo", "seed", *SMALL, "--seed", seed).code == 0
    posted = payloads(gearbox)
    assert gearbox.run("demo", "clear").code == 0
    return [each for each in posted if each[0] != "sample_cleared" and "-5-" not in str(each[1]["event_id"])]


def test_the_first_thing_that_is_done_with_a_new_home(gearbox: Gearbox) -> None:
    assert gearbox.run("demo", "clear").code == 2
    said = gearbox.run("demo", "seed", *SMALL)
    assert said.code == 0 and " events of 6 days" in said.text, said.text


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--days", "0"), "'0' is no whole number from 1 to 730"),
        (("--days", "9.5"), "'9.5' is no whole number"),
        (("--users", "many"), "'many' is no whole number from 1 to 1,000"),
        (("--seed", "-1"), "'-1' is no whole number from 0"),
        (("--days", "730", "--users", "1000"), "1,000,000 is the most. Take fewer days or fewer people."),
    ],
)
def test_what_can_not_be_is_refused_before_anything_is_made(
    gearbox: Gearbox, arguments: tuple[str, str], why: str
) -> None:
    said = gearbox.run("demo", "seed", *arguments)
    assert said.code == 2 and why in said.text
    assert not gearbox.home.exists()


def test_what_is_to_be_done_has_to_be_said(gearbox: Gearbox) -> None:
    assert gearbox.run("demo").code == 2
