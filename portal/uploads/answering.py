"""How a program that opens a stranger's file answers: its report, or why the file is refused. Nothing here imports Django."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import IO, Any

from portal.uploads import frames
from portal.uploads.limits import memory_is_used_up
from portal.uploads.trouble import Unreadable

Report = dict[str, Any]


def answer(make: Callable[[], Report]) -> int:
    """The one report that `make` gives, as JSON on standard output; the return code of the program."""
    report, _refused = _reported(make)
    sys.stdout.write(json.dumps(report))
    return 0


def answer_in_frames(make: Callable[[IO[bytes]], Report]) -> int:
    """`make` sends frames into what it is given; its report is the last of them. The return code of the program."""
    out = sys.stdout.buffer
    report, refused = _reported(lambda: make(out))
    frames.send_json(out, frames.REFUSED if refused else frames.END, report)
    return 0


def _reported(make: Callable[[], Report]) -> tuple[Report, bool]:
    """The report, or {"code", "values"} and True."""
    try:
        return make(), False
    except Unreadable as trouble:
        if trouble.code == "damaged" and memory_is_used_up():
            return {"code": "heavy", "values": {}}, True
        return {"code": trouble.code, "values": trouble.values}, True
    except MemoryError:
        return {"code": "heavy", "values": {}}, True
