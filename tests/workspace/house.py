"""The workspace's notices over a test's own store, put together from their real parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from core.access.access import Access
from core.workspace.board import NoticeBoard
from core.workspace.notices import Notices
from core.workspace.service import WorkspaceService
from data.store import Store
from data.values.actor import Role
from tests.people import ALICE

ADMIN = replace(ALICE, user_id="ada", roles=frozenset({Role.ADMIN}))


@dataclass(frozen=True)
class NoticeHouse:
    """What one process has; nothing runs in the background: `board.try_refresh` is called by tests."""

    store: Store
    access: Access
    board: NoticeBoard
    notices: Notices
    admin: WorkspaceService


def notice_house(store: Store, clock: Callable[[], datetime]) -> NoticeHouse:
    """One process's part; several may share a store."""
    board = NoticeBoard(store, clock)
    access = Access(store, maintenance=board.refusal)
    admin = WorkspaceService(access, store, board, clock)
    return NoticeHouse(store, access, board, Notices(access, store, board), admin)
