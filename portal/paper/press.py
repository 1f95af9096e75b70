"""The program that sets documents: `python -m portal.paper.press FD`. Nothing here imports Django.

On the descriptor it is handed the end of a line for each document. It forks, and the child takes its task from the line (one
line of JSON {size, memory, seconds}, then the HTML), limits itself, sets the document and answers with one frame: the PDF, or
{"code", "values"}. Pages are set by WeasyPrint, which the parent has loaded and warmed with Chinese letters. The parent ends
when the other side closes, or after a while without work.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import IO, Any

from portal.uploads import frames

IDLE = 900  # seconds without work until the memory is given back
WARM = (
    '<html lang="zh-Hans"><style>@page{size:A4}.s{font-family:"Noto Serif CJK SC"}.h{font-family:"Noto Sans CJK SC"}</style>'
    '<p class="h">报表 <b>1,234</b><p class="s">报表 <b>1,234</b><table><tr><td>表</table>'
)
#: What a child may not do, by the names of Python's audit events: reach anybody, start anything.
FORBIDDEN = frozenset([
    "socket.__new__", "socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo",
    "socket.gethostbyname", "urllib.Request", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork",
    "os.forkpty",
])  # fmt: skip
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def main() -> int:
    control = socket.socket(fileno=int(sys.argv[1]))
    control.settimeout(IDLE)
    sys.dont_write_bytecode = True
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the end comes from the other side
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are not waited for: the line tells how they ended
    missing = _load()
    with contextlib.suppress(TimeoutError):
        while True:
            _message, lines, _flags, _address = socket.recv_fds(control, 64, 1)
            if not lines:
                break
            if os.fork() == 0:
                control.close()
                os._exit(_serve(lines[0], missing))
            os.close(lines[0])
    return 0


def _load() -> str:
    """WeasyPrint, and the fonts in the memory that children share. What is missing, else an empty text."""
    try:
        from portal.paper.setting import pdf
    except (ImportError, OSError) as missing:
        return str(missing)
    pdf(WARM)
    return ""


def _serve(descriptor: int, missing: str) -> int:
    with socket.socket(fileno=descriptor) as line, line.makefile("rb") as asked, line.makefile("wb") as answer:
        kind, payload = _answer(asked, missing)
        with contextlib.suppress(ConnectionError):  # who asked has given up
            frames.send(answer, kind, payload)
    return 0


def _answer(file: IO[bytes], missing: str) -> tuple[bytes, bytes]:
    if missing:
        sys.stderr.write(f"{missing}\n")
        return _refused("missing")
    try:
        task = json.loads(file.readline())
        html = file.read(task["size"]).decode()
        _limit(task)
        from portal.paper.setting import pdf

        return frames.END, pdf(html)
    except MemoryError:
        return _refused("heavy")
    except Exception as mistake:
        if _starved():
            return _refused("heavy")
        traceback.print_exc()
        return _refused("failed", error=repr(mistake)[:500])


def _starved() -> bool:
    """Native code that gets no memory fails in many ways; one knows it by how much the child has taken."""
    limit, _hard = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return False
    try:
        status = Path("/proc/self/status").read_text()
    except (MemoryError, OSError):
        return True
    found = re.search(r"VmPeak:\s+(\d+) kB", status)
    return found is not None and int(found[1]) * 1024 > limit * 0.9


def _refused(code: str, **values: Any) -> tuple[bytes, bytes]:
    return frames.REFUSED, json.dumps({"code": code, "values": values}).encode()


def _limit(task: dict[str, Any]) -> None:
    """Beyond its memory or time the system ends the child, whatever native code it is in."""
    resource.setrlimit(resource.RLIMIT_AS, (task["memory"], task["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (task["seconds"], task["seconds"] + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(task["seconds"] * 4)
    sys.addaudithook(_forbid)


def _forbid(event: str, args: tuple[Any, ...]) -> None:
    if event in FORBIDDEN:
        raise PermissionError(f"{event} is not for a program that sets documents.")
    if event == "open" and isinstance(args[2], int) and args[2] & WRITING:
        raise PermissionError("A program that sets documents writes no files.")


if __name__ == "__main__":
    sys.exit(main())
