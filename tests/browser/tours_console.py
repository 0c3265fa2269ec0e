"""The tours through the console."""

from tests.browser import (
    walk_clients,
    walk_console,
    walk_console_roles,
    walk_figures,
    walk_keys,
    walk_people,
    walk_tenancy,
    walk_trail,
    walk_webhooks,
)
from tests.browser.touring import Tour, same

CONSOLE = {
    "people": Tour(
        walk_people.people,
        {
            **same("console/list", "console-people", "console-invitations", "console-imports"),
            **same("console/form", "console-person-new", "console-person-edit"),
            **same("console/form", "console-person-roles", "console-person-give-role"),
            **same("console/form", "console-person-disable", "console-invite"),
            **same("console/detail", "console-person", "console-person-security"),
            **same("console/detail", "console-person-sessions", "console-person-events"),
            "console-invitation": "console/detail",
            "console-upload": "console/upload",
            "console-import": "console/import",
        },
    ),
    "console clients": Tour(
        walk_clients.clients,
        {
            "clients": "console/list",
            "client-kinds": "console/clients/kinds",
            **same("console/form", "client-refused", "client-edit", "client-metadata"),
            **same("console/form", "client-secret-new", "client-delete"),
            "client-secret": "console/secret",
            **same("console/detail", "client", "client-secrets"),
            "client-snippets": "console/clients/snippets",
            **same("console/clients/trial", "client-test", "client-test-refused"),
        },
    ),
    "console trail": Tour(walk_trail.trail, walk_trail.STOPS),
    "console webhooks": Tour(walk_webhooks.webhooks, walk_webhooks.STOPS),
    "console APIs": Tour(
        walk_clients.apis,
        {
            **same("console/list", "apis-none", "registrations"),
            **same("console/form", "api-new", "api-edit", "provider-new", "registration-new"),
            **same("console/detail", "api", "provider", "provider-unreachable", "providers"),
            "provider-kinds": "console/connections/kinds",
        },
    ),
    "console roles": Tour(
        walk_console_roles.roles,
        {
            "console-roles": "console/roles",
            "console-role": "console/detail",
            **same("console/list", "console-role-nobody", "console-role-people"),
            **same("console/form", "console-role-new", "console-role-refused"),
            **same("console/form", "console-role-change", "console-role-delete"),
        },
    ),
    "console": Tour(
        walk_console.console,
        {
            "console-overview": "console/overview",
            **same("console/list", "console-tenants", "console-closed", "console-arrivals"),
            **same("console/form", "console-new", "console-refused", "console-open", "guest-new"),
            "console-arrival-new": "console/form",
            **same("console/detail", "console-tenant", "console-opened"),
            "console-trail": "console/trail/timeline",
            "console-event": "console/trail/event",
            "console-problem": "console/problem",
            "console-nothing": "console/nothing",
        },
    ),
    "keys": Tour(
        walk_keys.api_keys,
        {
            **same("account/api_keys", "api-keys-none", "api-keys"),
            **same("account/api_keys/new", "api-key-new", "api-key-refused"),
            "api-key-made": "account/api_keys/made",
            "api-key-question": "account/confirm",
            **same("console/list", "console-api-keys", "console-mails", "console-logouts"),
            **same("console/form", "console-api-key-new", "console-signing-keys-rotate"),
            "console-mails-retry": "console/form",
            **same("console/detail", "console-api-key", "console-health", "console-anchors"),
            "console-signing-keys": "console/keys/signing",
        },
    ),
    "tenancy": Tour(walk_tenancy.tenancy, walk_tenancy.STOPS),
    "usage": Tour(walk_figures.usage, dict.fromkeys(walk_figures.USAGE, "console/usage")),
}
