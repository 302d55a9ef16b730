"""Where somebody is reached beyond the pages: a mail address, a mobile number."""

from __future__ import annotations

from service.domain.errors import FieldError, FormInvalid, Refused
from service.domain.outside import email_of, mobile_of
from service.domain.people import Person
from service.domain.permissions import may_change_addresses
from service.domain.roster import Addresses
from service.usecases.audit_record import record_without_case
from service.usecases.house import House
from service.usecases.organisation.appoint import NOT_AUTHORIZED, member_of

NO_EMAIL = "这不是邮件地址，应如 zhangwei@example.edu.cn。"
NO_MOBILE = "这不是手机号，应为 11 位数字，如 13800000000。"


def set_addresses(house: House, person_id: str, email: str, mobile: str, by: Person) -> None:
    """This person is reached here from now on; an empty one is taken away. The record names who changed it, not what
    to. Safe to repeat. Raises: Refused E_NOT_AUTHORIZED; Missing; FormInvalid."""
    if not may_change_addresses(by, person_id):
        raise Refused(NOT_AUTHORIZED, "通知地址由本人或系统管理员填写。")
    given = Addresses(email_of(email), mobile_of(mobile))
    errors = []
    if email and given.email is None:
        errors.append(FieldError("email", "form", NO_EMAIL))
    if mobile and given.mobile is None:
        errors.append(FieldError("mobile", "form", NO_MOBILE))
    if errors:
        raise FormInvalid(errors)
    with house.store.begin() as uow:
        if member_of(uow.roster(), person_id).addresses == given:
            return
        uow.set_addresses(person_id, given)
        record_without_case(house, uow, by.id, "addresses_changed", {"person": person_id})
        uow.commit()
