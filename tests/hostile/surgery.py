"""Byte surgery on files: boxes of MP4 and QuickTime, flipped bits, a hand-written AVI."""

import random
import struct
from collections.abc import Callable
from pathlib import Path

_PARENTS = {b"moov", b"trak", b"mdia", b"minf", b"dinf", b"stbl", b"edts"}


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, kind) + content


def rewrite(data: bytes, kind: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The same boxes, the content of every `kind` changed; sizes of what holds it follow.

    Chunk offsets stay: only for files whose `moov` comes last, or where lengths stay.
    """
    out, at = b"", 0
    while at + 8 <= len(data):
        size, name = struct.unpack(">I4s", data[at : at + 8])
        content = data[at + 8 : at + size] if size >= 8 else data[at + 8 :]
        if name == kind:
            content = change(content)
        elif name in _PARENTS:
            content = rewrite(content, kind, change)
        out += box(name, content)
        at += max(size, 8) if size else len(data)
    return out + data[at:]


def patched(path: Path, out: Path, kind: bytes, change: Callable[[bytes], bytes]) -> Path:
    data = path.read_bytes()
    made = rewrite(data, kind, change)
    assert made != data, f"no {kind!r} in {path.name}"
    out.write_bytes(made)
    return out


def at(offset: int, value: bytes) -> Callable[[bytes], bytes]:
    """Overwrite some bytes of a box's content."""
    return lambda content: content[:offset] + value + content[offset + len(value) :]


def first_of(share: float, path: Path, out: Path) -> Path:
    """The file cut off."""
    data = path.read_bytes()
    out.write_bytes(data[: int(len(data) * share)])
    return out


def flipped(path: Path, out: Path, rate: float, *, spare: int = 0, seed: int = 5) -> Path:
    """One bit of about `rate` of all bytes turned over; the first `spare` bytes are left alone."""
    rng = random.Random(seed)
    data = bytearray(path.read_bytes())
    for _ in range(max(1, int(len(data) * rate))):
        data[rng.randrange(spare, len(data))] ^= 1 << rng.randrange(8)
    out.write_bytes(data)
    return out


def chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def avi(
    path: Path, *, seconds: int = 6, fps: tuple[int, int] = (5, 1), subtitles: bytes = b""
) -> Path:
    """Grey pictures of 64x36 and quiet noise, uncompressed; `fps` and `subtitles` go in as they are.

    With `subtitles` there is a third stream whose first chunk is a GAB2 block of them.
    """
    width, height, hz = 64, 36, 8000
    rng = random.Random(1)
    bitmap = struct.pack(
        "<IiiHHIIiiII", 40, width, height, 1, 24, 0, width * height * 3, 0, 0, 0, 0
    )
    video = _stream(b"vids", b"DIB ", fps[1], fps[0], bitmap)
    sound = _stream(b"auds", b"\0\0\0\0", 1, hz, struct.pack("<HHIIHH", 1, 1, hz, hz * 2, 2, 16))
    text = _stream(b"txts", b"\0\0\0\0", 1, 1, b"") if subtitles else b""
    main = struct.pack("<14I", 200_000, 0, 0, 0, seconds * 5, 0, 3, 0, width, height, 0, 0, 0, 0)
    header = chunk(b"LIST", b"hdrl" + chunk(b"avih", main) + video + sound + text)
    pieces = []
    if subtitles:
        pieces.append(
            chunk(b"02tx", b"GAB2\0" + struct.pack("<HIHI", 2, 0, 4, len(subtitles)) + subtitles)
        )
    for number in range(seconds * 5):
        noise = struct.pack(f"<{hz // 5}h", *(rng.randrange(-3000, 3000) for _ in range(hz // 5)))
        picture = bytes((number * 7 + i) % 200 + 20 for i in range(width * 3)) * height
        pieces += [chunk(b"00db", picture), chunk(b"01wb", noise)]
    body = header + chunk(b"LIST", b"movi" + b"".join(pieces))
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body) + 4) + b"AVI " + body)
    return path


def _stream(kind: bytes, handler: bytes, scale: int, rate: int, form: bytes) -> bytes:
    head = (
        kind
        + handler
        + struct.pack("<IHHIIIIIIIIhhhh", 0, 0, 0, 0, scale, rate, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    )
    return chunk(b"LIST", b"strl" + chunk(b"strh", head) + chunk(b"strf", form))


def alias(path: Path) -> bytes:
    """The content of a `dref` box whose one entry is a Macintosh alias of another file."""
    name = path.name.encode()[:63].ljust(63, b"\0")
    record = b"\0" * 10 + b"\x04disk".ljust(28, b"\0") + b"\0" * 12
    record += bytes([len(path.name)]) + name + b"\0" * 16 + struct.pack(">HH", 1, 1) + b"\0" * 16
    whole = b"disk:" + str(path).strip("/").replace("/", ":").encode()
    whole += b"\0" * (len(whole) % 2)
    posix = str(path).encode() + b"\0" * (len(str(path)) % 2)
    for number, text in ((2, whole), (18, posix)):
        record += struct.pack(">HH", number, len(text)) + text
    record += b"\xff\xff\0\0"
    record = record.ljust(160, b"\0")
    return struct.pack(">II", 0, 1) + box(b"alis", b"\0\0\0\0" + record)


def addressed(path: Path) -> bytes:
    """The content of a `dref` box whose one entry is an address."""
    return struct.pack(">II", 0, 1) + box(b"url ", b"\0\0\0\0" + f"file://{path}".encode() + b"\0")
