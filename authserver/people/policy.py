"""Who may act on whom. Values in, decision out.

An operator may everything: there is no grantor then.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from authserver.core.problems import Refused
from authserver.roles.catalogue import Permission
from authserver.roles.policy import Grantor


def check_may_act_on(
    grantor: Grantor | None, user_id: str, permissions: AbstractSet[Permission]
) -> None:
    """Raise Refused for what weakens or closes the account of oneself, or of somebody above.

    One's own account is looked after on the account pages, where one proves who one is: a stolen
    token must not take its owner's second factor away.
    """
    if grantor is None:
        return
    if grantor.user_id == user_id:
        raise Refused("This is not for your own account: use your account pages.")
    if not permissions <= grantor.permissions:
        raise Refused("This person may do more than you: somebody who may as much has to do it.")


def may_vouch(grantor: Grantor | None, domain: str, proved: Iterable[str]) -> bool:
    """Tell whether somebody may say that an address is its person's, without a mail to it.

    A tenant answers for the domains that it proved, and for no others: an address that counts as
    proved is trusted beyond the tenant, too.
    """
    return grantor is None or domain in set(proved)
