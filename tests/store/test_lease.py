from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

import pytest

from data.store.lease import LEASE, OwnerId, is_dead, is_gone
from tests.store.conftest import Clock

ME = OwnerId("here", 100, "mine")


def test_an_owner_survives_its_text_form() -> None:
    for owner in (ME, OwnerId.current(), OwnerId("fe80::1", 7, "abc")):
        assert OwnerId.parse(str(owner)) == owner


def test_this_process_is_the_same_every_time_and_never_gone() -> None:
    me = OwnerId.current()
    assert me == OwnerId.current()
    assert me.pid == os.getpid()
    assert not is_gone(me, me)


def test_another_process_on_this_host_is_gone_when_it_does_not_run() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    me = OwnerId.current()
    other = OwnerId(me.host, child.pid, "other")
    assert not is_gone(other, me)
    child.kill()
    child.communicate()
    assert is_gone(other, me)


def test_an_earlier_process_with_our_pid_is_gone() -> None:
    # In a container the first process has pid 1 after every restart.
    assert is_gone(OwnerId("here", 100, "earlier"), ME)


@pytest.mark.parametrize("owner", [ME, OwnerId("elsewhere", 100, "other")])
def test_what_can_not_be_seen_to_be_gone_lives_as_long_as_its_lease(owner: OwnerId, clock: Clock) -> None:
    until = clock() + LEASE
    assert not is_dead(owner, until, ME, until - timedelta(milliseconds=1))
    assert is_dead(owner, until, ME, until)
