"""What the database says when it refuses, told in the house's own errors."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import PrimaryKeyConstraint, UniqueConstraint
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from service.domain.errors import AlreadySubmitted, Broken, Conflict, DatabaseDown, Invalid, JsjbError, Stale
from service.store.tables import metadata


def _names_by_columns() -> Iterator[tuple[str, str]]:
    """SQLite names the columns of a constraint that was hurt, and not the constraint."""
    for table in metadata.tables.values():
        unique = (
            one for one in table.constraints if isinstance(one, PrimaryKeyConstraint | UniqueConstraint)
        )
        for one in (*unique, *(index for index in table.indexes if index.unique)):
            yield ", ".join(f"{table.name}.{column.name}" for column in one.columns), str(one.name)


_OF_COLUMNS = dict(_names_by_columns())
# SQLSTATE: a deadlock or serialization failure, a lock or a statement that took too long, the server going down
_AWAY = re.compile(r"08...|40P01|40001|55P03|57...|53...|25P03")

_NOT_ALLOWED = "42501"


class Taken(Conflict):
    """这个名称或编号已被使用。"""

    code = "store.taken"


class Inconsistent(Broken):
    """数据不一致，未保存；已记录，请联系管理员。"""

    code = "store.inconsistent"


class RightsLacking(Broken):
    """这个数据库角色缺少权限：请以表的所有者再执行 jsjb grants 列出的语句，每次升级或恢复后都要。"""

    code = "database.rights"


class Damaged(Broken):
    """数据库文件已损坏，或者不是数据库；请用备份恢复。"""

    code = "database.damaged"


class AppendOnly(Broken):
    """已保存的记录不可更改或删除。"""

    code = "store.append_only"


class NotStorable(Invalid):
    """内容含有无法保存的字符。"""

    code = "store.not_storable"


@contextmanager
def told_apart() -> Iterator[None]:
    """Turns what a driver raises into the error of the house that says what a caller may do about it."""
    try:
        yield
    except JsjbError:
        raise
    except DBAPIError as err:
        raise meaning(err) from err
    except StatementError as err:  # a value that a column refused
        raise (err.orig if isinstance(err.orig, JsjbError) else err) from err
    except PoolTimeout as err:
        raise DatabaseDown from err
    except (UnicodeEncodeError, OverflowError) as err:
        raise NotStorable from err
    except Exception as err:
        if not _of_a_driver(err):
            raise
        raise meaning(err) from err


def _of_a_driver(err: BaseException) -> bool:
    return isinstance(err, sqlite3.Error) or type(err).__module__.startswith("psycopg")


def meaning(err: BaseException) -> JsjbError:
    """The error of the house for what a driver, or SQLAlchemy for it, raised."""
    if isinstance(err, DBAPIError) and err.orig is not None:
        return meaning(err.orig)
    kinds = {kind.__name__ for kind in type(err).__mro__}
    state = getattr(err, "sqlstate", None) or ""
    if _AWAY.fullmatch(state):
        return DatabaseDown()
    if state == _NOT_ALLOWED:
        return RightsLacking()
    if "is append-only" in str(err):  # what the triggers say
        return AppendOnly()
    if "IntegrityError" in kinds:
        return _of_constraint(constraint(err))
    if getattr(err, "sqlite_errorname", "").startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return Damaged()
    if getattr(err, "sqlite_errorname", "") == "SQLITE_ERROR":
        return Inconsistent()  # a statement that does not fit the schema; what SQLite calls operational
    if kinds & {"OperationalError", "InterfaceError"}:
        return DatabaseDown()
    if "DataError" in kinds:
        return NotStorable()
    return Inconsistent()  # what the database says may hold what people wrote: it stays in the cause


def _of_constraint(name: str) -> JsjbError:
    if name == "uq_submission_key":
        return AlreadySubmitted()
    if name in {"pk_audit", "uq_case_file_order"}:
        return Stale()  # somebody wrote meanwhile: who reads again learns what
    if name.startswith("uq_") or name in _OF_COLUMNS.values():
        return Taken(constraint=name)
    return Inconsistent(constraint=name)


def constraint(err: BaseException) -> str:
    """The name of the constraint that was hurt, on either database."""
    diagnosis = getattr(err, "diag", None)
    if diagnosis is not None:
        return diagnosis.constraint_name or ""
    message = str(err)
    columns = message.removeprefix("UNIQUE constraint failed: ").removeprefix("index ").strip("'")
    return _OF_COLUMNS.get(columns, columns)


def in_the_way(err: DBAPIError) -> bool:
    """Whether somebody else held what was wanted, for too long or in a circle."""
    return getattr(err.orig, "sqlstate", None) in {"55P03", "40P01"}


def connection_lost(err: BaseException) -> bool:
    """Whether the connection itself is gone and must not go back to the pool."""
    state = getattr(err, "sqlstate", None) or ""
    lost = _of_a_driver(err) and not isinstance(err, sqlite3.Error)
    return lost and (
        state.startswith(("08", "57P", "25P03")) or (type(err).__name__ == "OperationalError" and not state)
    )
