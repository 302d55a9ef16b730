"""What a file is, by its first bytes; its name only has to agree."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from os import SEEK_END
from typing import BinaryIO

Signature = Callable[[bytes], bool]


def begins(*marks: bytes) -> Signature:
    """A type told by how it begins."""
    return lambda head: head.startswith(marks)


def has_at(offset: int, *marks: bytes) -> Signature:
    """A type told by what stands at an offset."""
    return lambda head: head[offset:].startswith(marks)


def is_mp3(head: bytes) -> bool:
    """MPEG audio: an ID3 tag, or a frame's eleven set bits."""
    return head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0)


def is_text(head: bytes) -> bool:
    """Plain text: UTF-8 or GB 18030, no control characters, no markup that a browser would run."""
    if b"\x00" in head or head.lstrip().lower().startswith(
        (b"<!doctype", b"<html", b"<script", b"<svg", b"<?xml")
    ):
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            text = head.decode(encoding, errors="strict")
        except UnicodeDecodeError as cut:
            if cut.end < len(head) - 4:
                continue
            text = head[: cut.start].decode(encoding)
        return all(c in "\t\r\n" or ord(c) >= 32 for c in text)
    return False


ZIP = begins(b"PK\x03\x04", b"PK\x05\x06")
OLE = begins(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
ISO_MEDIA = has_at(4, b"ftyp")
RIFF_WAVE: Signature = lambda head: head.startswith(b"RIFF") and head[8:12] == b"WAVE"  # noqa: E731
RIFF_AVI: Signature = lambda head: head.startswith(b"RIFF") and head[8:12] == b"AVI "  # noqa: E731
RIFF_WEBP: Signature = lambda head: head.startswith(b"RIFF") and head[8:12] == b"WEBP"  # noqa: E731

# Ending → media type, and how its bytes begin. What is not here is not evidence of Article 11.
TYPES: dict[str, tuple[str, Signature]] = {
    "pdf": ("application/pdf", begins(b"%PDF-")),
    "png": ("image/png", begins(b"\x89PNG\r\n\x1a\n")),
    "jpg": ("image/jpeg", begins(b"\xff\xd8\xff")),
    "jpeg": ("image/jpeg", begins(b"\xff\xd8\xff")),
    "gif": ("image/gif", begins(b"GIF87a", b"GIF89a")),
    "webp": ("image/webp", RIFF_WEBP),
    "heic": ("image/heic", ISO_MEDIA),
    "mp3": ("audio/mpeg", is_mp3),
    "wav": ("audio/wav", RIFF_WAVE),
    "m4a": ("audio/mp4", ISO_MEDIA),
    "amr": ("audio/amr", begins(b"#!AMR")),
    "ogg": ("audio/ogg", begins(b"OggS")),
    "mp4": ("video/mp4", ISO_MEDIA),
    "mov": ("video/quicktime", ISO_MEDIA),
    "3gp": ("video/3gpp", ISO_MEDIA),
    "avi": ("video/x-msvideo", RIFF_AVI),
    "doc": ("application/msword", OLE),
    "xls": ("application/vnd.ms-excel", OLE),
    "ppt": ("application/vnd.ms-powerpoint", OLE),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ZIP),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ZIP),
    "pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", ZIP),
    "wps": ("application/vnd.ms-works", OLE),
    "zip": ("application/zip", ZIP),
    "txt": ("text/plain", is_text),
}


# What an Office document of today holds beside the list of its parts, by its ending.
OFFICE_PARTS = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}
WITH_MACROS = frozenset({"docm", "dotm", "xlsm", "xltm", "xlsb", "xlam", "pptm", "potm", "ppsm", "ppam"})
CONTENT_TYPES = "[Content_Types].xml"
MOST_LISTED_BYTES = 4 * 1024 * 1024  # the list of parts: some hundred are usual, and a bomb has millions
_END, _END_64 = b"PK\x05\x06", b"PK\x06\x07"
_LONGEST_END = 22 + 65535


def ending_of(name: str) -> str:
    """The ending of a file's name, without its dot, in small letters."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def is_office_document(held: BinaryIO, ending: str) -> bool:
    """Whether a file is the package that its ending names: a readable ZIP with the parts of such a document."""
    if not _is_listed_shortly(held):
        return False
    try:
        with zipfile.ZipFile(held) as package:
            names = package.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    return CONTENT_TYPES in names and any(name.startswith(OFFICE_PARTS[ending]) for name in names)


def _is_listed_shortly(held: BinaryIO) -> bool:
    """Whether the list of what a ZIP holds is there, and no longer than that of any document."""
    size = held.seek(0, SEEK_END)
    held.seek(max(0, size - _LONGEST_END))
    tail = held.read()
    end = tail.rfind(_END)
    if end < 0 or tail[max(0, end - 20) : end].startswith(_END_64):
        return False
    return int.from_bytes(tail[end + 12 : end + 16], "little") <= MOST_LISTED_BYTES


def media_type(head: bytes, name: str) -> str | None:
    """The media type, where the file's own bytes are of the type its ending names; None otherwise."""
    known = TYPES.get(ending_of(name))
    if known is None or not known[1](head):
        return None
    return known[0]
