"""The part of the composition that tells everybody something; `core.services` puts it together with the rest."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from core.access.access import Access
from core.clock import utc_now
from core.periodic import Periodic
from core.workspace.board import REFRESHED, NoticeBoard
from core.workspace.notices import Notices
from core.workspace.service import WorkspaceService
from data.store import Store


@dataclass(frozen=True, slots=True)
class WorkspaceParts:
    """What people see, and what admins do."""

    notices: Notices
    admin: WorkspaceService


def open_board(store: Store, stack: ExitStack) -> NoticeBoard:
    """The notices, kept up to date in the background until `stack` ends that."""
    board = NoticeBoard(store, utc_now)
    stack.enter_context(Periodic("gearbox-notices", board.refresh, REFRESHED))
    return board


def make_workspace(access: Access, store: Store, board: NoticeBoard) -> WorkspaceParts:
    """Both parts, on one board."""
    return WorkspaceParts(Notices(access, store, board), WorkspaceService(access, store, board, utc_now))
