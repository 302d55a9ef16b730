"""All tables. Names are singular and every constraint is spelled, so that errors are matched by name."""

from service.store.tables.cases import (
    attachment,
    audit,
    case_file,
    clock,
    instance,
    notice,
    notice_delivery,
    notice_read,
    submission,
    task,
    timer,
)
from service.store.tables.content import (
    acknowledgement,
    draft,
    draft_file,
    rehearsal,
    release,
    release_file,
)
from service.store.tables.metadata import metadata
from service.store.tables.people import (
    absence,
    api_token,
    department,
    login_attempt,
    login_session,
    person,
    person_audit,
    person_chain,
    role_grant,
)
from service.store.tables.running import counter, incident, outage, outbox, schema_change, sign_of_life
from service.store.tables.starts import planned_start

__all__ = [
    "absence",
    "acknowledgement",
    "api_token",
    "attachment",
    "audit",
    "case_file",
    "clock",
    "counter",
    "department",
    "draft",
    "draft_file",
    "incident",
    "instance",
    "login_attempt",
    "login_session",
    "metadata",
    "notice",
    "notice_delivery",
    "notice_read",
    "outage",
    "outbox",
    "person",
    "person_audit",
    "person_chain",
    "planned_start",
    "rehearsal",
    "release",
    "release_file",
    "role_grant",
    "schema_change",
    "sign_of_life",
    "submission",
    "task",
    "timer",
]
