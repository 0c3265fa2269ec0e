"""Roles in words, for somebody who is offered them."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _

_WORDS = {
    "admin": _("Administer the organization: its people, roles and applications."),
    "PLATFORM_ADMIN": _("Administer the whole platform and every organization."),
    "admin_viewer": _("See everything that an administrator sees, and change nothing."),
    "SALES_REP": _("See organizations and their people, to sell."),
    "SALES_MANAGER": _("Lead sales: see organizations, people and usage."),
    "ACCOUNT_MANAGER": _("Look after customers: their people, usage and bills."),
    "NOC_OPERATOR": _("Watch the platform: its health and its sessions."),
    "NOC_MANAGER": _("Lead the operations centre, and end sessions."),
    "CLOUD_OPS": _("Run the cloud: see applications, keys and health."),
    "OPERATIONS_MANAGER": _("Lead operations: applications, sessions and the audit trail."),
    "SUPPORT_AGENT": _("Help people: see their accounts and unlock them."),
    "SUPPORT_MANAGER": _("Lead support: end sessions and read the audit trail."),
    "FINANCE_ANALYST": _("Read usage and bills."),
    "FINANCE_MANAGER": _("Lead finance: read usage and change billing."),
    "SECURITY_ANALYST": _("Investigate: the audit trail, sessions, people and applications."),
    "product_manager": _("Follow the product: organizations, applications and usage."),
    "EXECUTIVE": _("See figures: usage, bills and health."),
    "customer_viewer": _("See the organization's people and usage."),
}
_UNKNOWN = _("A role of this organization.")


@dataclass(frozen=True)
class RoleView:
    """A role as people read it."""

    name: str
    description: str


def in_words(role: str) -> RoleView:
    """Return a role in the words of the page's language."""
    return RoleView(role, str(_WORDS.get(role, _UNKNOWN)))
