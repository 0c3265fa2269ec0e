"""Whose share of the mails a request takes: for a new password, or to prove the address.

Each browser that the account knows has a share of its own, everybody else has one together: so
strangers who ask in somebody's name do not keep the owner from asking.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from authserver.accounts import devices
from authserver.accounts.models import User
from authserver.core.database.engine import Transaction
from authserver.links.models import MailedLink
from authserver.links.policy import KEPT_FOR, Mails, Purpose

_HOUR = timedelta(hours=1)


def share_of(
    transaction: Transaction,
    tenant_id: str,
    user_id: str,
    *,
    token: str | None,
    now: datetime,
    purpose: Purpose = Purpose.RESET_PASSWORD,
) -> tuple[str | None, Mails]:
    """Return the browser if the account knows it, and what was mailed for a purpose before.

    `token` is what the browser shows. Two statements, whatever is asked: an account that is not
    there knows no browser and got no mail.
    """
    device = devices.recognise(transaction, tenant_id, user_id=user_id, token=token, now=now)
    ours = MailedLink.device.is_(None) if device is None else MailedLink.device == device
    fresh = (
        MailedLink.used_at.is_(None)
        & ((MailedLink.expires_at > now) | (MailedLink.created_at > now - KEPT_FOR))
        & (MailedLink.address == User.email_canonical)
        & (MailedLink.user_epoch == User.security_epoch)
    )
    wanted = (
        select(
            func.count().filter(ours, MailedLink.created_at > now - _HOUR).label("lately"),
            func.count().filter(fresh).label("fresh"),
        )
        .select_from(MailedLink)
        .join(User, User.id == MailedLink.user_id)
        .where(MailedLink.user_id == user_id, MailedLink.purpose == purpose.value)
    )
    row = transaction.tenant(tenant_id).execute(wanted).one()
    return device, Mails(row.lately, row.fresh)
