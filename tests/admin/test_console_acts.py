"""Every act of the console: asked for on a page of its own, recorded, and undone where it can be.

The acts are the screens of operations that change something: whoever adds one says here which event
it makes, and what undoes it or why nothing does. What destroys has a red button, and what cannot be
had again is asked for by its name.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pytest
from sqlalchemy import func, select

from authserver.admin.console.screen import UNDONE_BY, Screen
from authserver.admin.rest.operation import Operation
from authserver.audit.catalogue import EventType as E
from authserver.audit.models import AuditEvent
from authserver.wiring.administration import make_administration
from authserver.wiring.pages import console as pages
from tests.admin.console import Console, enter
from tests.admin.specimens import MAKERS
from tests.api_keys.making import of_person
from tests.support.federation import connect
from tests.support.world import TenantFixture, World
from tests.webhooks.receiving import hook


class Act(NamedTuple):
    """What an act records, and the operation that undoes it: or, in words, why none does."""

    event: E
    undone: str


def same(*events: E) -> Iterator[Act]:
    """Say that an act is undone by another time of the same, with what was before."""
    return (Act(event, "done again with what was there before") for event in events)


_MAIL = "a mail cannot be called back"
_ENDED = "who signs in again begins anew"
_SECRET = "a secret is never shown again: another one is made"
ACTS: Mapping[str, Act] = {
    "accept_contradictions": Act(
        E.TRAIL_CONTRADICTION_ACCEPTED, "what an anchor kept is never taken back"
    ),
    "add_domain": Act(E.DOMAIN_ADDED, "remove_domain"),
    "archive_tenant": Act(E.TENANT_ARCHIVED, "restore_tenant"),
    "cancel_erasure": Act(E.ERASURE_CANCELLED, "create_erasure"),
    "cancel_import": Act(E.IMPORT_CANCELLED, "the accounts that it made stay: import the rest"),
    "cancel_trail_export": Act(E.TRAIL_EXPORT_CANCELLED, "create_trail_export"),
    "close_access": Act(E.TENANT_ACCESS_CLOSED, "open_access"),
    "create_api_key": Act(E.API_KEY_CREATED, "revoke_api_key"),
    "create_arrival": Act(E.TENANT_COPY_HANDED_OVER, "archive_tenant"),
    "create_client": Act(E.CLIENT_CREATED, "delete_client"),
    "create_connection": Act(E.CONNECTION_CREATED, "remove_connection"),
    "create_copy": Act(E.TENANT_COPY_REQUESTED, "delete_copy"),
    "create_erasure": Act(E.ERASURE_REQUESTED, "cancel_erasure"),
    "create_export": Act(E.DATA_EXPORT_REQUESTED, _MAIL),
    "create_guest": Act(E.INVITATION_CREATED, "disable_user"),
    "create_import": Act(E.IMPORT_STARTED, "cancel_import"),
    "create_initial_token": Act(E.INITIAL_TOKEN_CREATED, "revoke_initial_token"),
    "create_invitation": Act(E.INVITATION_CREATED, "revoke_invitation"),
    "create_resource_server": Act(E.RESOURCE_SERVER_CREATED, "delete_resource_server"),
    "create_role": Act(E.ROLE_CREATED, "delete_role"),
    "create_tenant": Act(E.TENANT_CREATED, "archive_tenant"),
    "create_trail_export": Act(E.TRAIL_EXPORT_REQUESTED, "cancel_trail_export"),
    "create_user": Act(E.USER_CREATED, "disable_user"),
    "create_webhook": Act(E.WEBHOOK_CREATED, "delete_webhook"),
    "delete_client": Act(E.CLIENT_DELETED, "its id never comes back: disable it instead"),
    "delete_copy": Act(E.TENANT_COPY_DELETED, "create_copy"),
    "delete_resource_server": Act(E.RESOURCE_SERVER_DELETED, "create_resource_server"),
    "delete_role": Act(E.ROLE_DELETED, "who held it is in the trail: made and given again"),
    "delete_webhook": Act(E.WEBHOOK_DELETED, "create_webhook"),
    "disable_client": Act(E.CLIENT_DISABLED, "enable_client"),
    "disable_connection": Act(E.CONNECTION_DISABLED, "enable_connection"),
    "disable_user": Act(E.USER_DISABLED, "enable_user"),
    "download_trail_export": Act(E.TRAIL_EXPORTED, "what was taken was taken"),
    "enable_client": Act(E.CLIENT_ENABLED, "disable_client"),
    "enable_connection": Act(E.CONNECTION_ENABLED, "disable_connection"),
    "enable_user": Act(E.USER_ENABLED, "disable_user"),
    "end_issuer": Act(E.TENANT_ISSUER_CHANGED, "move_issuer"),
    "end_session": Act(E.SESSION_ENDED, _ENDED),
    "give_role": Act(E.USER_ROLES_CHANGED, "take_role"),
    "lift_legal_hold": Act(E.LEGAL_HOLD_LIFTED, "set_legal_hold"),
    "move_issuer": Act(E.TENANT_ISSUER_CHANGED, "end_issuer"),
    "name_contact": Act(E.TRAIL_CONTACT_ASKED, "withdraw_contact"),
    "open_access": Act(E.TENANT_ACCESS_OPENED, "close_access"),
    "open_event": Act(E.TRAIL_PERSONAL_READ, "what was seen was seen"),
    "pause_webhook": Act(E.WEBHOOK_PAUSED, "resume_webhook"),
    "remove_connection": Act(E.CONNECTION_REMOVED, "links of people are gone: disable it instead"),
    "remove_contact": Act(E.TRAIL_CONTACT_CHANGED, "name_contact"),
    "remove_domain": Act(E.DOMAIN_REMOVED, "add_domain"),
    "remove_flag": Act(E.TENANT_FLAGS_CHANGED, "set_flag"),
    "remove_limit": Act(E.TENANT_LIMIT_CHANGED, "set_limit"),
    "remove_logo": Act(E.TENANT_LOGO_CHANGED, "set_logo"),
    "renew_registration_token": Act(E.REGISTRATION_TOKEN_RENEWED, _SECRET),
    "replay_webhook": Act(E.WEBHOOK_DELIVERIES_REPLAYED, "what was sent was received"),
    "require_password_change": Act(E.PASSWORD_CHANGE_REQUIRED, "the person chooses a new one"),
    "resend_contact": Act(E.TRAIL_CONTACT_ASKED, "withdraw_contact"),
    "resend_invitation": Act(E.INVITATION_RESENT, "revoke_invitation"),
    "reset_factors": Act(E.FACTORS_RESET, "the person sets new ones up"),
    "restore_tenant": Act(E.TENANT_RESTORED, "archive_tenant"),
    "resume_tenant": Act(E.TENANT_RESUMED, "suspend_tenant"),
    "resume_webhook": Act(E.WEBHOOK_RESUMED, "pause_webhook"),
    "retry_logouts": Act(E.LOGOUT_RETRIED, "what was sent was received"),
    "retry_mails": Act(E.MAIL_RETRIED, _MAIL),
    "retry_tenant_logouts": Act(E.LOGOUT_RETRIED, "what was sent was received"),
    "retry_tenant_mails": Act(E.MAIL_RETRIED, _MAIL),
    "revoke_api_key": Act(E.API_KEY_REVOKED, _SECRET),
    "revoke_initial_token": Act(E.INITIAL_TOKEN_REVOKED, _SECRET),
    "revoke_invitation": Act(E.INVITATION_REVOKED, "create_invitation"),
    "revoke_secret": Act(E.CLIENT_SECRET_REVOKED, _SECRET),
    "rotate_secret": Act(E.CLIENT_SECRET_ROTATED, "revoke_secret"),
    "rotate_signing_keys": Act(E.KEYS_ROTATED, "old signatures hold until they end by themselves"),
    "rotate_tenant_signing_keys": Act(
        E.KEYS_ROTATED, "old signatures hold until they end by themselves"
    ),
    "rotate_webhook_secret": Act(E.WEBHOOK_SECRET_ROTATED, _SECRET),
    "send_reset": Act(E.RECOVERY_REQUESTED, _MAIL),
    "set_connection_secret": Act(E.CONNECTION_SECRET_CHANGED, _SECRET),
    "set_legal_hold": Act(E.LEGAL_HOLD_SET, "lift_legal_hold"),
    "sign_out_user": Act(E.USER_SESSIONS_ENDED, _ENDED),
    "suspend_tenant": Act(E.TENANT_SUSPENDED, "resume_tenant"),
    "take_copy": Act(E.TENANT_COPY_TAKEN, "what was taken was taken"),
    "take_role": Act(E.USER_ROLES_CHANGED, "give_role"),
    "test_webhook": Act(E.WEBHOOK_TESTED, "what was sent was received"),
    "unlink_identity": Act(E.IDENTITY_UNLINKED, "the person links it again by signing in"),
    "unlock_user": Act(E.ACCOUNT_UNLOCKED, "the next wrong passwords lock again"),
    "withdraw_contact": Act(E.TRAIL_CONTACT_WITHDRAWN, "name_contact"),
    "verify_email": Act(E.VERIFICATION_SENT, _MAIL),
    **dict(
        zip(
            ("change_client", "change_connection", "change_policy", "change_quotas",
             "change_resource_server", "change_role", "change_settings", "change_tenant",
             "change_user", "change_webhook", "route_domain", "set_flag", "set_limit", "set_logo",
             "set_user_roles", "verify_domain"),
            same(E.CLIENT_CHANGED, E.CONNECTION_CHANGED, E.TENANT_CHANGED, E.CLIENT_CHANGED,
                 E.RESOURCE_SERVER_CHANGED, E.ROLE_CHANGED, E.TENANT_CHANGED, E.TENANT_CHANGED,
                 E.USER_PROFILE_CHANGED, E.WEBHOOK_CHANGED, E.DOMAIN_ROUTED, E.TENANT_FLAGS_CHANGED,
                 E.TENANT_LIMIT_CHANGED, E.TENANT_LOGO_CHANGED, E.USER_ROLES_CHANGED,
                 E.DOMAIN_VERIFIED),
            strict=True,
        )
    ),
}  # fmt: skip
# What asks a provider, and what says what a client's request would end in: nothing changes here.
LOOKS = {"try_client", "try_connection"}
# What takes something away without being a DELETE; and the one DELETE that takes nothing away.
DESTROYS = {
    "accept_contradictions", "archive_tenant", "cancel_import", "cancel_trail_export",
    "create_erasure", "disable_client", "disable_connection", "disable_user", "lift_legal_hold",
    "require_password_change", "reset_factors", "revoke_api_key", "revoke_invitation",
    "rotate_signing_keys", "rotate_tenant_signing_keys", "sign_out_user", "suspend_tenant",
    "withdraw_contact",
}  # fmt: skip
HARMLESS = {"close_access"}
# The kind is chosen first, only machines can be tried, and only what is sealed is opened.
ASKS_FIRST = ("create_client", "create_connection", "try_client", "open_event")
# What cannot be had again with its ids, or stops everything: its name is typed.
BY_NAME = {
    "archive_tenant", "create_erasure", "delete_client", "delete_resource_server", "delete_role",
    "delete_webhook",
    "disable_user", "remove_connection", "remove_domain", "reset_factors", "suspend_tenant",
}  # fmt: skip


def family(does: str) -> str:
    return does.removesuffix("_of_platform")


def acts(world: World) -> list[tuple[Screen, Operation]]:
    operations = {one.name: one for one in make_administration(world.services).operations}
    found = pages.screens(None, world.services)  # type: ignore[arg-type]  none is shown
    return [
        (screen, operations[screen.does])
        for screen in found
        if operations[screen.does].method != "GET"
    ]


@pytest.mark.any_database
def test_every_act_says_its_event_and_what_undoes_it(world: World) -> None:
    offered = {family(screen.does) for screen, _ in acts(world)}
    assert offered == set(ACTS) | LOOKS
    undoing = {act.undone for act in ACTS.values() if " " not in act.undone}
    assert undoing <= offered
    does = {screen.name: family(screen.does) for screen, _ in acts(world)}
    for there, back in UNDONE_BY.items():
        assert ACTS[does[there]].undone == does[back]


def ids(world: World, tenant: TenantFixture) -> dict[str, str]:
    """Make one of everything that the paths of acts name."""
    made = {part: make(world, tenant) for part, make in MAKERS.items()}
    return made | {"connection": connect(world, tenant, name="upstream").name}


def events(world: World) -> int:
    with world.services.database.read() as view:
        return view.platform().scalar(select(func.count(AuditEvent.id))) or 0


@pytest.mark.any_database
def test_nothing_is_done_before_a_page_of_its_own_was_sent_and_what_destroys_says_so(
    world: World,
) -> None:
    console = enter(world, "PLATFORM_ADMIN")
    made, before = ids(world, console.tenant), events(world)
    red, named = set[str](), set[str]()
    shown = 0
    for screen, operation in acts(world):
        path = re.sub(r"<(\w+)>", lambda part: made[part[1]], screen.path)
        page = console.get(path)
        if page.status_code != 200:  # there is none of it in such a state
            continue
        shown += 1
        main = page.text.partition("<main")[2]
        assert 'method="post"' in main or operation.name.startswith(ASKS_FIRST), screen.name
        red |= {family(operation.name)} if "button-danger" in main else set()
        named |= {family(operation.name)} if 'name="retyped"' in main else set()
    assert events(world) == before
    assert shown > len(acts(world)) * 3 // 4
    deletes = {family(one.name) for _, one in acts(world) if one.method == "DELETE"}
    assert red <= deletes - HARMLESS | DESTROYS
    unseen = {
        "unlink_identity",
        "take_role",
        "delete_copy",
        "accept_contradictions",
    }  # tested where they are
    assert deletes - HARMLESS | DESTROYS <= red | unseen
    assert named == BY_NAME


def offered(console: Console, path: str, **fields: str) -> str:
    """Do something; return where the page that follows undoes it."""
    sent = console.send(path, **fields)
    assert sent.status_code == 303, (path, sent.text)
    page = console.browser.follow(sent).text
    found = re.search(r'role="status">.*?<a href="/console([^"]*)">Undo</a>', page, re.DOTALL)
    assert found, path
    again = console.get().text
    assert ">Undo</a>" not in again, "once"
    return found[1]


@pytest.mark.any_database
def test_the_page_that_follows_an_act_undoes_it(world: World) -> None:
    console = enter(world, "PLATFORM_ADMIN")
    tenant, other = console.tenant, world.tenant()
    somebody = world.user(tenant, "customer_viewer")
    here = f"/tenants/{tenant.id}"
    for path, fields in (
        (f"{here}/users/{somebody.id}/disable", {"retyped": somebody.email}),
        (f"{here}/clients/{world.client(tenant).id}/disable", {}),
        (f"{here}/webhooks/{hook(world, tenant).id}/pause", {}),
        (f"{here}/connections/{connect(world, tenant, name='upstream').name}/disable", {}),
        (f"/tenants/{other.id}/suspend", {"retyped": f"Tenant {other.slug}"}),
        (f"/tenants/{other.id}/open", {"reason": "Ticket 4711 asks for it", "minutes": "15"}),
    ):
        back = offered(console, path, **fields)
        there = offered(console, back)
        assert there == path


@pytest.mark.any_database
def test_who_may_not_undo_is_offered_nothing(world: World) -> None:
    console = enter(world, "PLATFORM_ADMIN")
    key = of_person(world, console.user, "users:read")
    sent = console.send(f"/tenants/{console.tenant.id}/api-keys/{key.id}/revoke")
    assert ">Undo</a>" not in console.browser.follow(sent).text
