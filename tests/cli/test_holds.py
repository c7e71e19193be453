"""`python -m core holds ...` and `retention ...`"""

from __future__ import annotations

import json
import stat
import zipfile

from data.values.people import Identity, Person
from tests.cli.conftest import Gearbox, now

ANN = Person("a" * 32, "Ann", now(), "ann@example.org")


def test_from_a_hold_to_a_receipt(gearbox: Gearbox) -> None:
    gearbox.set_up(lambda store, _vault: store.users.add(ANN, Identity("https://id.example", "ann")))
    assert gearbox.run("holds", "list").text == "There are no holds.\n"
    place = ("holds", "place", "--matter", "Case 7", "--reason", "They asked.")
    assert gearbox.run(*place, "--person", "nobody").code == 2
    assert gearbox.run(*place, "--team", "Nobody").code == 2
    placed = gearbox.run(*place, "--person", "Ann@example.org")
    assert placed.code == 0 and placed.text.endswith(" holds Ann. They are not told.\n"), placed.text
    hold_id = placed.text.split()[0]
    assert "Case 7" in gearbox.run("holds", "list").text
    refused = gearbox.run("people", "forget", ANN.id, "--yes")
    assert refused.code == 2 and "Case 7" in refused.text
    out = gearbox.home / "held.zip"
    exported = gearbox.run("holds", "export", hold_id, "--out", str(out))
    assert exported.code == 0, exported.text
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with zipfile.ZipFile(out) as archive:
        assert json.loads(archive.read("material.jsonl").splitlines()[1])["email"] == "ann@example.org"
    assert gearbox.run("holds", "export", hold_id, "--out", str(out)).code == 2, "never in the place of another"
    assert "Add --yes" in gearbox.run("holds", "release", hold_id).text
    assert gearbox.run("holds", "release", hold_id, "--yes").code == 0
    assert gearbox.run("holds", "release", hold_id, "--yes").code == 2
    assert "1 identity" in gearbox.run("people", "forget", ANN.id, "--yes").text
    assert "1 identity" in gearbox.run("retention", "receipts").text
    receipt = json.loads(gearbox.run("retention", "receipts", "--json").text)
    assert receipt["person_id"] == ANN.id and receipt["proof"]["seq"] > 0
    assert gearbox.run("audit", "verify").code == 0


def test_rules_are_those_of_the_warehouse(gearbox: Gearbox) -> None:
    gearbox.set_up(lambda store, _vault: store.users.ensure("x", "X"))
    assert gearbox.run("retention", "preview", "model_calls", "30").text == "This removes 0 rows.\n"
    assert gearbox.run("retention", "set", "model_calls", "30").code == 0
    listed = gearbox.run("retention", "list").text
    assert "30 days" in listed and listed == gearbox.run("warehouse", "retention", "list").text
    assert gearbox.run("retention", "clear", "model_calls").code == 0
    assert gearbox.run("retention", "set", "model_calls", str(10**7)).code == 2
    assert gearbox.run("retention", "clear", "model_calls", "--team", "gone").code == 2
    assert gearbox.run("retention", "receipts").text == "Nothing was destroyed.\n"
