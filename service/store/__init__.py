"""The database. The only place that knows SQLAlchemy."""

from service.store.migrate import is_migrated, migrate
from service.store.store import SqlStore, open_store

__all__ = ["SqlStore", "is_migrated", "migrate", "open_store"]
