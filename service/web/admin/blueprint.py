"""The blueprint that the modules of this package put their pages on. Nobody but administrators gets in."""

from __future__ import annotations

from flask import Blueprint

from service.domain.errors import Refused
from service.domain.people import ADMIN
from service.web.surroundings import person

blueprint = Blueprint("admin", __name__, url_prefix="/admin")


@blueprint.before_request
def let_admins_in() -> None:
    """Raises: Refused E_NOT_AUTHORIZED. The use cases ask again; this keeps the pages themselves shut."""
    if not person().holds(ADMIN):
        raise Refused("E_NOT_AUTHORIZED", "只有系统管理员可以查看运行情况。")
