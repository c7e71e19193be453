"""`python -m core maintenance ...`, `announce` and `announcements ...`: the way that is never locked."""

from __future__ import annotations

from tests.cli.conftest import Gearbox


def test_maintenance_from_the_command_line(gearbox: Gearbox) -> None:
    gearbox.set_up(lambda _store, _vault: None)
    assert gearbox.run("maintenance", "status").text == "Maintenance is off.\n"
    on = gearbox.run("maintenance", "on", "--message", "The disks are replaced.")
    assert on.code == 0 and on.text.startswith("Maintenance is on since ") and "The disks are replaced." in on.text
    assert gearbox.run("maintenance", "status").text == on.text
    assert gearbox.run("maintenance", "off").text == "Maintenance is off.\n"
    assert gearbox.run("maintenance", "off").text == "Maintenance is off already.\n"
    endless = gearbox.run("maintenance", "on", "--from", "2099-01-01T22:00")
    assert (endless.code, "needs an end" in endless.text) == (2, True)
    assert gearbox.run("audit", "verify").code == 0


def test_announcing_from_the_command_line(gearbox: Gearbox) -> None:
    gearbox.set_up(lambda _store, _vault: None)
    made = gearbox.run("announce", "**New** models", "--kind", "success", "--role", "analyst")
    announced = made.text.removeprefix("Announced as ").removesuffix(".\n")
    line = gearbox.run("announcements", "list").text
    assert all(each in line for each in (announced, "live", "success", "analyst", "**New** models")), line
    assert gearbox.run("announcements", "end", announced).code == 0
    assert "ended" in gearbox.run("announcements", "list").text
    assert gearbox.run("announcements", "delete", announced).code == 0
    assert gearbox.run("announcements", "list").text == ""
    assert gearbox.run("announce", "words", "--team", "nobody's").code == 2
