"""System: what differs between Linux, macOS, Windows and WebAssembly, written once."""

import contextlib
import errno
import os
import shlex
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from glassnet.quota import quota

if TYPE_CHECKING:
    import socket
    from concurrent.futures import Future

Item = TypeVar("Item")
Result = TypeVar("Result")

NICENESS = 10
BELOW_NORMAL = -1
"""Windows' number for one level below the usual: such a thread is never in the way of those at the usual level."""
QOS_UTILITY = 0x11
"""macOS's class of work whose progress somebody watches without waiting for it; "background" would get no fast core."""
PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.6)
"""Seconds between the tries to replace a file on Windows: 2 in all."""
NO_FOLDER_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.ENOSYS)
"""What file systems answer that cannot write a folder to the disk by itself (network shares, WebAssembly's)."""
SOCKET_REASONS = {
    10013: "Permission denied",
    10048: "Address already in use",
    10049: "Cannot assign requested address",
}
FILE_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
MANY_FILES = 4096
M_ARENA_MAX = -8
PR_SET_PDEATHSIG = 1
ARENAS = 2


def n_processors() -> int:
    """Return how many processors this process may use: of those that it may run on, as many as it has the time of."""
    return min(n_reachable(), quota() or n_reachable())


def n_reachable() -> int:
    """Return how many processors this process may run on."""
    count = getattr(os, "process_cpu_count", None)  # Python 3.13 and later; heeds PYTHON_CPU_COUNT too
    if count is not None:
        return count() or 1
    if hasattr(os, "sched_getaffinity"):  # Linux, where a container or a batch system may grant only some
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def give_way() -> None:
    """Let other threads go before this one where processors are few; where the system does not let us, nothing happens.

    Threads that the calling one starts later inherit that only on Linux.
    """
    with contextlib.suppress(OSError, AttributeError):
        if sys.platform == "linux":  # the only one whose threads have a niceness of their own
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        elif sys.platform == "win32":
            import ctypes

            # a library object of our own: argument types set on ctypes.windll apply to everybody
            kernel32 = ctypes.WinDLL("kernel32")
            kernel32.GetCurrentThread.restype = ctypes.c_void_p  # a handle, wider than the int that is the default
            kernel32.SetThreadPriority.argtypes = (ctypes.c_void_p, ctypes.c_int)
            kernel32.SetThreadPriority(kernel32.GetCurrentThread(), BELOW_NORMAL)
        elif sys.platform == "darwin":
            import ctypes

            ctypes.CDLL(None).pthread_set_qos_class_self_np(ctypes.c_uint(QOS_UTILITY), ctypes.c_int(0))


def widen(pipe: int, n_bytes: int) -> None:
    """Let a pipe hold more before whoever writes to it has to wait; nothing happens where that cannot be asked for."""
    with contextlib.suppress(ImportError, AttributeError, OSError):  # only Linux has it, and not for everybody
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, n_bytes)  # type: ignore[attr-defined] - not on every system


def can_start_threads() -> bool:
    """Return whether a thread can be started: never in a browser's Python, nor where a limit has been reached."""
    thread = threading.Thread(target=int)
    try:
        thread.start()
    except RuntimeError:
        return False
    thread.join()
    return True


def can_start_processes() -> bool:
    """Return whether there is a Python to start."""
    return bool(sys.executable) and sys.platform not in ("emscripten", "wasi")


def can_fork() -> bool:
    """Return whether a process may go on as two; macOS has it, but its libraries do not bear it."""
    return sys.platform == "linux"


def in_a_fork(work: Callable[[], None]) -> bool:
    """Do some work in a fork of this process, which ends when this one does; return whether it went well."""
    parent = os.getpid()
    child = os.fork()
    if child:
        return not os.waitpid(child, 0)[1]
    try:
        call_libc("prctl", PR_SET_PDEATHSIG, int(signal.SIGKILL))
        if os.getppid() == parent:  # it had not ended before
            work()
    except BaseException:
        os._exit(1)
    os._exit(0)


def in_threads(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Return the result of some work for each item, each in a thread of its own; without threads, one after the other.

    Parameters
    ----------
    work : callable
        Takes an item. It should release the interpreter, or threads gain nothing.
    items : iterable
        A handful.

    Returns
    -------
    list
        In the order of the items.

    Notes
    -----
    What the work raises is raised here, the first item's first. An executor would not do: where a thread cannot be
    started, it says so only after it has queued the item.
    """
    from concurrent.futures import Future

    pairs: list[tuple[Future[Result], Item]] = [(Future(), item) for item in items]

    def fill(future: "Future[Result]", item: Item) -> None:
        try:
            future.set_result(work(item))
        except BaseException as error:
            future.set_exception(error)

    left = []
    for pair in pairs:
        try:
            threading.Thread(target=fill, args=pair).start()
        except RuntimeError:  # "can't start new thread"
            left.append(pair)
    for pair in left:
        fill(*pair)
    return [future.result() for future, _ in pairs]


def patiently(action: Callable[[], None]) -> None:
    """Do something to a file; on Windows again and again for 2 seconds while somebody else has the file open.

    Windows neither replaces nor removes a file that another program has open, unless that program allows it. Virus
    scanners, indexers and backups open every new file for some milliseconds. Elsewhere a refusal is final.
    """
    for pause in PAUSES if sys.platform == "win32" else ():
        try:
            return action()
        except PermissionError:
            time.sleep(pause)
    return action()


def replace_file(source: Path, target: Path) -> None:
    """Give a file the name of another in one move; PermissionError on Windows if it stays open elsewhere."""
    try:
        patiently(lambda: os.replace(source, target))  # noqa: PTH105 - pathlib's returns a path
    except PermissionError as error:
        if sys.platform != "win32":
            raise
        # Windows names the partial file, which the user knows nothing of
        raise PermissionError(error.errno, "It is read-only, or another program keeps it open", str(target)) from None


def sync_folder(folder: Path) -> None:
    """Write the names in a folder to the disk, where a folder can be opened; Windows journals them by itself."""
    if sys.platform == "win32":
        return
    try:
        opened = os.open(folder, os.O_RDONLY)
    except PermissionError:  # one may write into a folder that one may not list; the file is there
        return
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno not in NO_FOLDER_SYNC:
            raise
    finally:
        os.close(opened)


def resolved(path: Path) -> Path:
    """Return a path from the root on, its symbolic links followed; OSError where these lead to themselves.

    Python says RuntimeError of that up to 3.12, and later nothing at all.
    """
    try:
        found = path.resolve()
        is_loop = found.is_symlink()
    except RuntimeError:
        is_loop, found = True, path
    if is_loop:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    return found


def is_same_place(one: Path, other: Path) -> bool:
    """Return whether two paths are, or would be, one file: Windows and macOS do not tell NAME from name."""
    if one.exists() and other.exists():
        return one.samefile(other)
    pair = (str(resolved(one)), str(resolved(other)))
    if sys.platform in ("win32", "darwin"):
        pair = (pair[0].casefold(), pair[1].casefold())
    return pair[0] == pair[1]


def reason_of(error: OSError) -> str:
    """Return why something failed, in Unix's words for it: those of Windows are in its user's language."""
    if getattr(error, "winerror", None) is not None and error.errno is not None:
        # the numbers of its sockets are Windows' own, and its C library has no words for them
        return SOCKET_REASONS.get(error.errno) or os.strerror(error.errno)
    return error.strerror or str(error) or type(error).__name__


def quoted(path: Path) -> str:
    """Return a path as it is typed on a command line; that of Windows takes only double quotes."""
    if sys.platform == "win32":
        import subprocess

        return subprocess.list2cmdline([str(path)])
    return shlex.quote(str(path))


def keep_port(opened: "socket.socket") -> None:
    """Let a socket that is not yet bound have its port to itself, and at once after an earlier server.

    Unix holds a port back for a minute after its last connection unless one asks for it. Windows does not, and
    there the same option lets a second program take the port of a running one.
    """
    import socket

    if sys.platform == "win32":
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


def know_file_types() -> None:
    """Let this program call a page's files what they are: Windows' registry, which any program can change, may not.

    Where it says that scripts are plain text, browsers run none of ours.
    """
    import mimetypes

    for ending, kind in FILE_TYPES.items():
        mimetypes.add_type(kind, ending)


def interrupts() -> list[signal.Signals]:
    """Return the signals that ask a program to end: Ctrl-C, kill, and Windows' Ctrl-Break."""
    return [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]


def heeded_interrupts() -> list[signal.Signals]:
    """Return which of these signals this thread may catch: none outside the main thread, and none that is ignored."""
    if threading.current_thread() is not threading.main_thread():
        return []
    return [number for number in interrupts() if number not in ignored_interrupts()]


def ignored_interrupts() -> list[signal.Signals]:
    """Return which of these signals this program was started to ignore, or has ignored since.

    A shell without job control has its background jobs (``command &``) ignore SIGINT, and nohup and schedulers have
    theirs ignore others, so that a Ctrl-C for what runs in front leaves them alone. That is for whoever starts a
    program to decide, and a program that catches the signal all the same overrules it: the old rule is to leave an
    ignored signal ignored. ``kill`` (SIGTERM) still reaches such a job.
    """
    return [number for number in interrupts() if signal.getsignal(number) == signal.SIG_IGN]


def only_ended_by_us() -> None:
    """Ignore Ctrl-C, which every process at a terminal is told of: who started this one ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def allow_many_files() -> None:
    """Let this process have as many connections as it may: macOS allows 256 unless one asks for more."""
    if sys.platform != "win32":
        import resource

        with contextlib.suppress(ValueError, OSError):
            few, most = resource.getrlimit(resource.RLIMIT_NOFILE)
            wanted = MANY_FILES if most == resource.RLIM_INFINITY else min(MANY_FILES, most)
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(few, wanted), most))


def limit_memory(n_bytes: int) -> None:
    """Let this process claim no more than so many bytes of addresses; macOS does not count them, Windows cannot."""
    if sys.platform != "win32":
        import resource

        with contextlib.suppress(ValueError, OSError):
            most = resource.getrlimit(resource.RLIMIT_AS)[1]
            allowed = n_bytes if most == resource.RLIM_INFINITY else min(n_bytes, most)
            resource.setrlimit(resource.RLIMIT_AS, (allowed, allowed))


def limit_seconds(seconds: float) -> None:
    """End this process after so many seconds, even within a library, unless it is told anew; 0 lets it go on."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def share_heaps() -> None:
    """Let all threads share two of glibc's heaps: with one for each thread, freed memory stays in forty places."""
    call_libc("mallopt", M_ARENA_MAX, ARENAS)


def trim_heaps() -> None:
    """Give freed memory back to the system; glibc would keep 100 MB after a school class has been here."""
    call_libc("malloc_trim", 0)


def call_libc(name: str, *arguments: int) -> None:
    """Call a function of the C library on Linux, if it is there: other libraries have none of these, and need none."""
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            getattr(ctypes.CDLL(None), name)(*arguments)
