"""The blueprint that the modules of this package put their pages on. Nobody but process owners gets in."""

from __future__ import annotations

from flask import Blueprint

from service.store.drafts import SqlDrafts
from service.usecases.drafts import require_owner
from service.web.surroundings import person, store

blueprint = Blueprint("owner", __name__, url_prefix="/owner")


@blueprint.before_request
def let_owners_in() -> None:
    """Raises: Refused E_NOT_AUTHORIZED. The use cases ask again; this keeps the pages themselves shut."""
    require_owner(person())


def kept() -> SqlDrafts:
    """The drafts of this application's database."""
    return SqlDrafts(store())
