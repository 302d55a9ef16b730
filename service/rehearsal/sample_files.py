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


def sample_file(name: str) -> BytesIO:
    """A small valid file of this name; the name is in it, so that two names give two hashes."""
    ending = name.rpartition(".")[2].lower()
    return BytesIO(BEGINNINGS.get(ending, b"") + f"\nworked case file {name}\n".encode())
