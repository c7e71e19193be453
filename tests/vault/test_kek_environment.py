"""KEKs that an operator hands in, by variable or mounted secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.config import Settings
from core.errors import VaultError, WrongKek
from core.vault.kek import decode_kek, new_kek
from core.vault.kek_environment import EnvironmentKek, readers_beside_us
from core.vault.ring import KekRing
from core.vault.rotation import KekRotator
from core.vault.vault import Vault
from data.store import Store
from tests.rotation.places import ADMIN, Place
from tests.vault.conftest import Clock, no_keyring

OLD, NEW = new_kek().strip(), new_kek().strip()


def material(entry: str) -> bytes:
    return decode_kek(entry.encode(), "the test")


def test_every_key_that_is_handed_in_is_tried_and_the_first_is_the_newest(tmp_path: Path) -> None:
    mounted = tmp_path / "kek"
    mounted.write_text(f"{NEW}\n{OLD}\n")
    both = (material(NEW), material(OLD))
    for source in (EnvironmentKek(f" {NEW} {OLD}\n", None), EnvironmentKek("", mounted), EnvironmentKek(NEW, mounted)):
        assert tuple(dict.fromkeys(source.load(1))) == source.load(2)[:1] + both[1:] == both
        assert source.create(9).material == both[0]
        assert source.create(9).wrapped is None
        assert not source.destroy(1), "only the operator can"


def test_a_mounted_secret_is_read_anew_and_left_alone(tmp_path: Path) -> None:
    mounted = tmp_path / "kek"
    mounted.write_text(OLD)
    source = EnvironmentKek("", mounted)
    assert source.create(1).material == material(OLD)
    mounted.write_text(f"{NEW} {OLD}")
    assert source.create(2).material == material(NEW)
    source.destroy(1)
    assert mounted.read_text() == f"{NEW} {OLD}"
    assert str(mounted) in source.place(1)
    assert "GEARBOX_KEK" in EnvironmentKek(OLD, None).place(1)


@pytest.mark.parametrize("mode", [0o400, 0o600, 0o440, 0o444, 0o644])
def test_a_mounted_file_that_others_read_is_told_once(
    tmp_path: Path, mode: int, caplog: pytest.LogCaptureFixture
) -> None:
    mounted = tmp_path / "kek"
    mounted.write_text(OLD)
    mounted.chmod(mode)
    source = EnvironmentKek("", mounted)
    for _ in range(2):
        assert source.load(1) == (material(OLD),)
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == (1 if mode & 0o044 else 0)
    assert all(str(mounted) in words and f"{mode:04o}" in words and OLD[20:] not in words for words in told)
    assert bool(readers_beside_us(mounted)) == bool(told)


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666, 0o664, 0o422])
def test_a_mounted_file_that_others_write_is_refused(tmp_path: Path, mode: int) -> None:
    mounted = tmp_path / "kek"
    mounted.write_text(OLD)
    mounted.chmod(mode)
    with pytest.raises(WrongKek, match=f"{mode:04o}") as refused:
        EnvironmentKek("", mounted).load(1)
    assert "chmod go-w" in refused.value.remedy
    assert OLD[20:] not in refused.value.explain()


def test_a_mounted_secret_as_kubernetes_does_it_is_read(tmp_path: Path) -> None:
    """The file is a link through a link, so that all of a secret changes at once."""
    (tmp_path / "..2026").mkdir()
    (tmp_path / "..2026" / "kek").write_text(OLD)
    (tmp_path / "..2026" / "kek").chmod(0o644)
    (tmp_path / "..data").symlink_to("..2026")
    (tmp_path / "kek").symlink_to("..data/kek")
    assert EnvironmentKek("", tmp_path / "kek").load(1) == (material(OLD),)


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ("hunter2-5d2e", "entry 1"),
        (f"{OLD} hunter2-5d2e", "entry 2"),
        (OLD.removesuffix("=") + "5d2e", "entry 1"),
        ("gearbox-kek-v1:5d2e", "entry 1"),
        (f"{OLD},{NEW}", "entry 1"),
        ("gearbox-kek-v1:ü5d2e", "entry 1"),
    ],
    ids=["no KEK", "second is none", "too long", "too short", "comma", "not ASCII"],  # the KEKs are random
)
@pytest.mark.parametrize("mounted", [False, True])
def test_a_bad_value_is_named_by_its_place_and_never_shown(
    tmp_path: Path, value: str, place: str, *, mounted: bool
) -> None:
    (tmp_path / "kek").write_text(value)
    source = EnvironmentKek("", tmp_path / "kek") if mounted else EnvironmentKek(value, None)
    with pytest.raises(WrongKek, match=place) as refused:
        source.load(1)
    assert refused.value.remedy
    told = refused.value.explain()
    assert (str(tmp_path / "kek") if mounted else "GEARBOX_KEK") in told
    assert "5d2e" not in told
    assert OLD[15:25] not in told


@pytest.mark.parametrize(("name", "says"), [("missing", "No such file"), (".", "Is a directory")])
def test_a_secret_that_is_not_mounted_is_a_plain_error(tmp_path: Path, name: str, says: str) -> None:
    with pytest.raises(WrongKek, match=says) as refused:
        EnvironmentKek("", tmp_path / name).load(1)
    assert "Mount it" in refused.value.remedy


def test_nothing_handed_in_makes_no_database_with_a_kek_nobody_has(
    settings: Settings, store: Store, clock: Clock
) -> None:
    with pytest.raises(VaultError) as refused:
        KekRing.open(store, settings.model_copy(update={"kek_source": "environment"}), clock, no_keyring)
    assert "new-kek" in refused.value.remedy
    assert store.keks.all() == []


def test_rotating_wants_a_new_key_in_front_and_then_lets_the_old_one_go(
    settings: Settings, store: Store, clock: Clock
) -> None:
    def process(handed: str) -> Place:
        chosen = settings.model_copy(update={"kek_source": "environment", "kek": handed})
        ring = KekRing.open(store, chosen, clock, no_keyring)
        rotator = KekRotator(store, ring, clock, sleep=lambda _seconds: None)
        return Place(store, ring, Vault(store, ring, clock), rotator)

    before = process(OLD)
    before.put(2)
    with pytest.raises(VaultError, match="active already") as refused:
        before.rotator.run(ADMIN)
    assert "new-kek" in refused.value.remedy
    between = process(f"{NEW} {OLD}")
    assert between.opens(before.keys)
    between.rotator.run(ADMIN)
    assert process(NEW).opens(before.keys), "the old one may be taken away"
    with pytest.raises(WrongKek, match="not the one"):
        process(OLD)
    with pytest.raises(WrongKek, match="missing from GEARBOX_KEK"):
        process("")
