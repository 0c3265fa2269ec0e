"""Who looks after a partner's clients: asked by these pages, and by those that lead to them."""

from collections.abc import Sequence

from flask import g, url_for
from flask_babel import gettext as _

from authserver.account.access import visitor
from authserver.account.views import Link
from authserver.admin.caller import Caller, of_session
from authserver.audit.events import Actor
from authserver.core.database.engine import Database
from authserver.roles.catalogue import Permission
from authserver.roles.service import RoleService
from authserver.sessions.service import LiveSession
from authserver.tenants.models import Tenant, TenantType


class Partners:
    """Finds out whether somebody looks after a partner's clients."""

    def __init__(self, database: Database, roles: RoleService) -> None:
        """Take what knows tenants and roles."""
        self._database = database
        self._roles = roles

    def of(self, live: LiveSession, actor: Actor) -> Caller | None:
        """Return what the person may do here; None who has no business here."""
        with self._database.read() as view:
            tenant = view.tenant(live.tenant_id).get(Tenant, live.tenant_id)
            if tenant is None or tenant.type != TenantType.PARTNER:
                return None
            found = of_session(view, self._roles, live.user, actor=actor)
        return found if Permission.CLIENTS_READ in found.permissions else None

    def links(self) -> Sequence[Link]:
        """Return the entry of the account's navigation, for those who have one."""
        who = visitor()
        known = "caller" in g or self.of(who.session, who.actor) is not None
        if not known:
            return ()
        return (Link(_("Partner access"), url_for("partner.partner"), "caller" in g),)
