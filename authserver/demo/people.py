"""Who is in the demo: for the loader, and for the text that tells how to sign in."""

from dataclasses import dataclass
from urllib.parse import quote

PASSWORD = "Correct-Horse-7"  # noqa: S105  the demo's, printed at every start
# The secret of the demo's one authenticator app: as public as the password, and it says so.
APP_SECRET = "DEMOONLYDEMOONLYDEMOONLYDEMOONLY"  # noqa: S105

TENANTS = {
    "acme": ("Acme", "internal"),
    "globex": ("Globex", "customer"),
    "initech": ("Initech", "partner"),
}


@dataclass(frozen=True)
class DemoPerson:
    """Somebody to sign in as."""

    tenant: str
    email: str
    name: str
    roles: tuple[str, ...]
    home: str | None = None  # the tenant where a guest signs in
    has_app: bool = False  # an authenticator app with the secret above


PEOPLE = (
    DemoPerson("acme", "admin@acme.test", "Ada Acker", ("PLATFORM_ADMIN",)),
    DemoPerson("acme", "noc@acme.test", "Nora Ocampo", ("NOC_OPERATOR",)),
    DemoPerson("acme", "support@acme.test", "Sam Porter", ("SUPPORT_AGENT", "SALES_REP")),
    DemoPerson("acme", "finance@acme.test", "Fay Nance", ("FINANCE_MANAGER",)),
    DemoPerson("globex", "admin@globex.test", "Gloria Bexley", ("admin",)),
    DemoPerson("globex", "viewer@globex.test", "Vic Ewers", ("customer_viewer",)),
    DemoPerson("globex", "mfa@globex.test", "Mira Faber", ("customer_viewer",), has_app=True),
    DemoPerson("initech", "admin@initech.test", "Ines Tech", ("admin",)),
    DemoPerson("initech", "ops@initech.test", "Olaf Peters", ("CLOUD_OPS",)),
    DemoPerson("globex", "support@acme.test", "Sam Porter", ("customer_viewer",), home="acme"),
)


def app_uri(person: DemoPerson) -> str | None:
    """Return what the QR code of a person's app would say, None for who has none."""
    if not person.has_app:
        return None
    issuer, account = TENANTS[person.tenant][0], quote(person.email)
    return f"otpauth://totp/{issuer}:{account}?secret={APP_SECRET}&issuer={issuer}"
