"""Bodies with which operations do what they are for, by their names.

What is personal or secret in them is a canary: no event of the trail may say it in clear.
"""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from authserver.core.ids import new_id
from tests.admin import specimens
from tests.support.pictures import picture

MAIL, NAME, SECRET = "canary-mail", "Canary Countess", "canary-secret-phrase"
CANARIES = (MAIL, NAME, SECRET)
REASON = {"reason": "To see that it is recorded"}
_IDP = {"name": "corp", "kind": "oidc", "label": "Corp", "server": "https://id.corp.example"}


def mail() -> str:
    """Return an address that nobody has had."""
    return f"{MAIL}-{new_id('x')[-10:]}@example.com"


BODIES: Mapping[str, Any] = {
    "add_domain": {"domain": "orders.example"},
    "add_part": {"number": 1, "text": f"email,name\n{MAIL}-1@example.com,{NAME}\n"},
    "change_client": {"name": "Orders"},
    "change_connection": {"label": "Corp SSO"},
    "change_connection_of_platform": {"label": "Corp SSO"},
    "change_policy": {"mfa_required": True},
    "change_quotas": {"day": 100},
    "change_resource_server": {"name": "Parcels"},
    "change_role": {"description": "Another crew."},
    "change_settings": {"locale": "de"},
    "change_tenant": {"mfa_required": True},
    "change_user": {"name": NAME, "details": {"nickname": NAME}},
    "change_webhook": {"description": "Shop"},
    "create_client": {"name": "Shop", "kind": "service"},
    "create_connection": {**_IDP, "client_id": "ours", "client_secret": SECRET},
    "create_connection_of_platform": {**_IDP, "client_id": "ours", "client_secret": SECRET},
    "create_copy": {"passphrase": SECRET},
    "create_import": {"format": "csv", "columns": ["email", "name"]},
    "create_initial_token": {"name": "Partners"},
    "create_invitation": {"email": f"{MAIL}-2@example.com"},
    "create_resource_server": {"audience": "https://api.new.example/", "name": "New", "scopes": []},
    "create_role": {"name": "crew", "description": "A crew.", "permissions": ["users:read"]},
    "create_tenant": {"slug": "examples", "name": "Examples", "type": "customer"},
    "create_user": {"email": f"{MAIL}-3@example.com", "name": NAME},
    "create_webhook": specimens.BODIES["create_webhook"],
    "give_role": {},
    "name_contact": {"address": f"{MAIL}-4@example.com"},
    "open_access": REASON,
    "reset_factors": REASON,
    "rotate_signing_keys": {"algorithms": ["ES256"]},
    "set_connection_secret": {"client_secret": SECRET},
    "set_connection_secret_of_platform": {"client_secret": SECRET},
    "set_limit": {"most": 7},
    "set_logo": {"image": b64encode(picture("PNG", (30, 30))).decode()},
    "set_user_roles": {"roles": ["customer_viewer"]},
}
