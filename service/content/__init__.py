"""A release's content, read once and never changed: forms, deadline table, policy, facts, regulation."""

from service.content.load import load, read_folder
from service.content.release import Content

__all__ = ["Content", "load", "read_folder"]
