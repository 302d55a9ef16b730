"""The database. The only place that knows SQLAlchemy."""

from service.store.migrate import migrate
from service.store.store import SqlStore, open_store

__all__ = ["SqlStore", "migrate", "open_store"]
