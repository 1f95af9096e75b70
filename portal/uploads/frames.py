"""What passes from the reading child to the worker: frames of a letter, a length and that many bytes.

D: lines for the table itself, as COPY text.  R: lines for staging.  F: refused lines.  P: {"done": …, "total": …}.
E: the report, last.  X: {"code": …, "values": {…}}, refused.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import IO, Any

HEAD = struct.Struct(">cI")
DIRECT, ROWS, FAULTS, PROGRESS, END, REFUSED = b"D", b"R", b"F", b"P", b"E", b"X"


def send(out: IO[bytes], kind: bytes, payload: bytes) -> None:
    out.write(HEAD.pack(kind, len(payload)))
    out.write(payload)
    out.flush()


def send_json(out: IO[bytes], kind: bytes, value: Any) -> None:
    send(out, kind, json.dumps(value, ensure_ascii=True).encode())


def receive(source: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Until the child closes its end; a frame that was cut off is dropped."""
    while len(head := source.read(HEAD.size)) == HEAD.size:
        kind, length = HEAD.unpack(head)
        payload = source.read(length)
        if len(payload) < length:
            return
        yield kind, payload
