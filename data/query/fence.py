"""What the limited process gives up before it reads a byte that others wrote. Nothing here can be taken back.

Each fence stands alone, so that a hole in DuckDB, in a parser or in another fence is not enough. Which of them there
are depends on the system: limits everywhere, the others on Linux where the kernel and the container allow them.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import sys
import tempfile
from collections.abc import Callable
from functools import partial

_NOBODY = 65534
_CLONE_NEWUSER, _CLONE_NEWNET, _CLONE_NEWIPC = 0x10000000, 0x40000000, 0x08000000
_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_DUMPABLE = 4
_LANDLOCK_CREATE, _LANDLOCK_RESTRICT = 444, 446  # the same on every architecture
_LANDLOCK_ALLOW, _BENEATH, _READ = 445, 1, 0b1100  # of a file and of a folder
_OPEN, _OPEN_BELOW = 32, 1024
_CAPABILITIES_V3 = 0x20080522
_CAPSET = {"x86_64": 126, "aarch64": 91}


def close_in(memory: int, files_bytes: int, threads: int = 0, folder: str | None = None) -> list[str]:
    """Raise every fence that this system has; their names. `threads` is how many the process may yet start, about.

    With a `folder` the process stands in it, and can read the files below it and nothing else. Paths have to be
    relative: root that became nobody can't go through the folders above.

    Trap: only what is imported by now can be imported, and there must be no other thread yet: Landlock and namespaces
    take hold of this thread and those it starts.
    """
    tasks = _tasks_of(os.getuid() or _NOBODY) + threads if threads else 0
    readable = _stand_in(folder) if folder is not None else None
    if readable is None:
        _leave_the_folders()
    raised = ["limits"]
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        attempts: dict[str, Callable[[ctypes.CDLL], bool]] = {
            "network": _no_network,
            "user": _no_rights,
            "landlock": partial(_no_files, readable=readable),
        }
        raised += [name for name, attempt in attempts.items() if attempt(libc)]
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)  # other processes of the same user can't look into this one
    if readable is not None:
        os.close(readable)
    _limit(memory, files_bytes, tasks, _OPEN if readable is None else _OPEN_BELOW)
    return raised


def no_more_files() -> None:
    """The files are read: from here on nothing can be written, not into memory files either."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _stand_in(folder: str) -> int:
    """Make it the folder of relative paths; it as a descriptor."""
    os.chdir(folder)
    os.umask(0o777)
    return os.open(".", os.O_RDONLY | os.O_DIRECTORY)


def _leave_the_folders() -> None:
    """Stand in a folder that is gone: relative paths lead nowhere, and nothing can be put there."""
    try:
        folder = tempfile.mkdtemp()
    except OSError:  # no writable folder anywhere, which is as good
        os.chdir("/")
    else:
        os.chdir(folder)
        os.rmdir(folder)  # noqa: PTH106  # pathlib is one more import that has to be there
    os.umask(0o777)


def _tasks_of(user: int) -> int:
    """How many processes and threads a user has: the kernel's limit is on all of them, not on this process's."""
    found = 0
    for name in os.listdir("/proc") if sys.platform == "linux" else ():  # noqa: PTH208  # pathlib is one more import
        with contextlib.suppress(OSError):  # it has ended meanwhile
            if name.isdecimal() and os.stat(f"/proc/{name}").st_uid == user:  # noqa: PTH116
                found += len(os.listdir(f"/proc/{name}/task"))  # noqa: PTH208
    return found


def _limit(memory: int, files_bytes: int, tasks: int, files: int) -> None:
    wanted = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_FSIZE: files_bytes,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: files,
        resource.RLIMIT_NPROC: tasks,  # processes and threads: none, but for who asked for some
        resource.RLIMIT_CPU: 600,  # of its whole life
    }
    for which, most in wanted.items():
        with contextlib.suppress(OSError, ValueError):  # macOS refuses some
            resource.setrlimit(which, (most, most))


def _no_network(libc: ctypes.CDLL) -> bool:
    """A network namespace of its own, with nothing in it. Needs root, or a kernel that lets anybody make one."""
    alone: int = libc.unshare(_CLONE_NEWNET | _CLONE_NEWIPC)
    if alone != 0:
        alone = libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET | _CLONE_NEWIPC)
    return alone == 0


def _no_rights(libc: ctypes.CDLL) -> bool:
    """Root becomes nobody; whoever has capabilities (a namespace gives them all) has none."""
    if os.getuid() == 0:
        with contextlib.suppress(OSError):
            os.setgroups([])
            os.setresgid(_NOBODY, _NOBODY, _NOBODY)
            os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    number = _CAPSET.get(os.uname().machine)
    if number is not None:
        header = (ctypes.c_uint32 * 2)(_CAPABILITIES_V3, 0)
        libc.syscall(number, header, (ctypes.c_uint32 * 6)())
    return os.getuid() != 0


class _Beneath(ctypes.Structure):
    """The kernel's `landlock_path_beneath_attr`."""

    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("rights", ctypes.c_uint64), ("folder", ctypes.c_int32))


def _no_files(libc: ctypes.CDLL, readable: int | None) -> bool:
    """Landlock: no path can be opened, no TCP port used, no other process signalled. What is below the folder
    `readable`, if there is one, can be read: the single exception."""
    version: int = libc.syscall(_LANDLOCK_CREATE, None, 0, 1)
    if version < 1:
        return False
    files = 13 + (version >= 2) + (version >= 3) + (version >= 5)  # how many rights this kernel knows
    rights = (ctypes.c_uint64 * 3)((1 << files) - 1, 0b11 if version >= 4 else 0, 0b11 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    rules: int = libc.syscall(_LANDLOCK_CREATE, rights, size, 0)
    if rules < 0:
        return False
    if readable is not None:
        allowed = _Beneath(_READ, readable)
        libc.syscall(_LANDLOCK_ALLOW, rules, _BENEATH, ctypes.byref(allowed), 0)
    locked: int = libc.syscall(_LANDLOCK_RESTRICT, rules, 0)
    os.close(rules)
    return locked == 0
