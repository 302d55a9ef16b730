"""Small files that stand for uploads in worked cases: each begins as its ending says."""

from __future__ import annotations

from io import BytesIO

BEGINNINGS: dict[str, bytes] = {
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "png": b"\x89PNG\r\n\x1a\n",
    "jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
    "jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
    "mp3": b"ID3\x04\x00\x00\x00\x00\x00\x00",
    "wav": b"RIFF\x24\x00\x00\x00WAVEfmt ",
    "mp4": b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00",
    "txt": b"",
}


def sample_file(name: str, case: str | None) -> BytesIO:
    """A small valid file of this name. Its case and its name are in it, so that the same name in two cases,
    and two names in one, give two hashes; `K1/a.jpg` is the file a.jpg of case K1, wherever it is handed in."""
    ending = name.rpartition(".")[2].lower()
    whose = name if "/" in name else f"{case or ''}/{name}"
    return BytesIO(BEGINNINGS.get(ending, b"") + f"\nworked case file {whose}\n".encode())
