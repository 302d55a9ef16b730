"""What the tests in a browser need from the system: Chromium and a font with Chinese characters."""

from __future__ import annotations

import shutil
import subprocess

from steps import apt_install

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def ensure() -> bool:
    """Install what is missing, else stop with the command to run. Safe to repeat."""
    missing = []
    if not any(shutil.which(name) for name in CHROMIUM_NAMES):
        missing.append("chromium")
    if not _has_chinese_font():
        missing += ["fonts-noto-cjk", "fontconfig"]
    if missing:
        apt_install(missing, needed_for="testing the pages in a browser")
    return bool(missing)


def _has_chinese_font() -> bool:
    found = shutil.which("fc-list")
    if found is None:
        return False
    shown = subprocess.run([found, ":lang=zh-cn", "family"], capture_output=True, text=True, check=False)
    return bool(shown.stdout.strip())
