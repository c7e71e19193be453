"""What Gearbox has to know of Streamlit's own sessions and files: it serves files by name to whoever asks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.access.holdings import Holdings
from core.chat.attachments import Attachment


def page_session() -> str:
    """Streamlit's id of the page session that runs; empty outside a run."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else ""


def run_again(page_session: str) -> bool:
    """Have a page session run its script anew; False when it is not open. Only on the server's event loop."""
    manager: Any = Runtime.instance()._session_mgr
    found = manager.get_active_session_info(page_session)
    if found is None:
        return False
    found.session.request_rerun(None)
    return True


def uploaded(names: Sequence[str]) -> list[Attachment]:
    """Files that the page session that runs has uploaded and not sent yet, by their names, with their bytes.

    One that is not with the server, yet or any more, is its name alone.
    """
    manager: Any = Runtime.instance().uploaded_file_mgr if names else None
    stored = getattr(manager, "file_storage", {}).get(page_session(), {})
    found = {file.name: file.data for file in tuple(stored.values())}
    return [Attachment(name, found.get(name, b"")) for name in names]


def keep_account(runtime: Runtime, holdings: Holdings) -> None:
    """Have every file that a page shows from now on noted in `holdings`.

    Streamlit 1.67 tells nobody, and its own table is empty for a moment in every run, so the storage's two steps are
    followed. A file that is not noted opens for nobody.
    """
    files: Any = runtime.media_file_mgr
    storage = files._storage
    load, delete, run_later = storage.load_and_get_id, storage.delete_file, files.execute_deferred

    def load_and_note(*arguments: Any, **options: Any) -> str:
        file_id: str = load(*arguments, **options)
        holdings.hold(file_id, page_session())
        return file_id

    def delete_and_note(file_id: str) -> None:
        delete(file_id)
        holdings.drop(file_id)

    def run_later_and_note(placeholder: str) -> str:
        # A download that is made when it is asked for: no page runs then, but the placeholder knows its session.
        entry = files._deferred_callables.get(placeholder)
        url: str = run_later(placeholder)
        if entry is not None:
            holdings.hold(PurePosixPath(url).stem, entry["session_id"])
        return url

    storage.load_and_get_id = load_and_note
    storage.delete_file = delete_and_note
    files.execute_deferred = run_later_and_note
