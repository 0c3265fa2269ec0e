"""Nobody gives a client what they do not hold (TOP-12).

A scope of the administration API is a permission. Whoever gets at a client's tokens has it: so the
rule holds for giving it, and for everything that lets somebody speak as the client.
"""

from collections.abc import Iterable

from authserver.admin.caller import Caller
from authserver.clients.policy import check_rate, raises_rate
from authserver.core.problems import Refused
from authserver.core.values.said import said
from authserver.roles.catalogue import Permission

_PERMISSIONS = {permission.value: permission for permission in Permission}


def check_holds(caller: Caller, scopes: Iterable[str]) -> None:
    """Raise Refused if the scopes name a permission that the caller does not hold."""
    named = {_PERMISSIONS[scope] for scope in scopes if scope in _PERMISSIONS}
    if above := sorted(named - caller.permissions):
        raise Refused(
            said(
                "The client has or would have a permission that you do not hold: %(above)s.",
                above=above[0],
            )
        )


def check_rate_change(caller: Caller, present: str | None, wanted: str | None) -> None:
    """Raise Refused for a higher rate, or none, by who may not set limits; lower is anybody's.

    Raises UnfitRegistration for what is no rate.
    """
    raised = raises_rate(present, check_rate(wanted))
    if raised and Permission.TENANTS_WRITE not in caller.permissions:
        raise Refused(
            said(
                "The rate of this client is at most %(most)s: only who administers the tenants"
                " raises it.",
                most=present,
            )
        )
