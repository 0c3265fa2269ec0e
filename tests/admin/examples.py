"""A call of every operation that changes something, which succeeds.

Whoever adds an operation says here what has to be there before, unless what its path names
suffices; and in bodies.py what it is asked with, unless the least body suffices.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update

from authserver.admin.rest.operation import Operation
from authserver.audit.models import AuditEvent
from authserver.delivery.models import OutboxMessage
from authserver.delivery.outbox import Message, enqueue
from authserver.webhooks.models import WebhookDelivery
from authserver.wiring.people.jobs import make_job_worker
from tests.admin import specimens
from tests.admin.bodies import BODIES, NAME, REASON, SECRET, mail
from tests.admin.callers import Caller
from tests.flows.protocol_story import ProtocolStory
from tests.support import contacts, domains
from tests.support.browser import Browser
from tests.support.dns import Records
from tests.support.linked import connect, link
from tests.support.registering import registrar
from tests.support.trail import contradict
from tests.support.world import TenantFixture, UserFixture, World
from tests.webhooks.receiving import hook


@dataclass
class Stand:
    """A tenant that is open to who calls, and what the path of the call shall name."""

    world: World
    caller: Caller
    operations: Mapping[str, Operation]
    tenant: TenantFixture
    values: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        """Open the tenant to who calls."""
        self.values["tenant_id"] = self.tenant.id
        asked = {**REASON, "minutes": 60}
        opened = self.caller.call("POST", f"/tenants/{self.tenant.id}/access", asked)
        assert opened.status_code == 201, opened.text

    def call(self, name: str) -> Any:
        """Make ready what the operation of this name needs, and return what calls it."""
        operation = self.operations[name]
        prepare = READY.get(name)
        body = prepare(self) if prepare else None
        if body is None:
            body = BODIES.get(name, specimens.body(operation))
        for part in specimens.parts(operation):
            if part not in self.values:
                self.values[part] = specimens.MAKERS[part](self.world, self.tenant)
        path = operation.path.format_map(self.values)
        return lambda: self.caller.call(operation.method, path, body)

    def done(self, name: str) -> Any:
        """Call an operation; return what it answered."""
        answer = self.call(name)()
        assert answer.status_code < 300, (name, answer.text)
        return answer.json

    def user(self, **more: Any) -> UserFixture:
        user = self.world.user(self.tenant, name=NAME, email=mail(), **more)
        self.values["user_id"] = user.id
        return user

    def write(self, statement: Any) -> None:
        self.world.services.database.write(
            lambda tx: tx.platform().execute(
                statement, execution_options={"synchronize_session": False}
            )
        )

    def work(self) -> None:
        make_job_worker(self.world.services).work_off()


Ready = Callable[[Stand], Any]


def after(*names: str) -> Ready:
    """Say that other operations were done before."""

    def prepare(stand: Stand) -> None:
        for name in names:
            stand.done(name)

    return prepare


def of_result(name: str, part: str, *, worked: bool = True) -> Ready:
    """Name what another operation made, when its work was done."""

    def prepare(stand: Stand) -> None:
        stand.values[part] = stand.done(name)["id"]
        if worked:
            stand.work()

    return prepare


def somebody(**more: Any) -> Ready:
    return lambda stand: stand.user(**more) and None


def _proved(stand: Stand) -> None:
    house = _house(stand)
    house.publish()
    house.verify()
    stand.world.services.watch.changed()


def _house(stand: Stand) -> domains.House:
    house = domains.House(stand.world, Records(), f"{stand.tenant.slug}.example")
    house.tenant = stand.tenant
    stand.values["domain"] = house.domain
    return house


def _published(stand: Stand) -> None:
    records = Records()
    records.put(_house(stand).add().record)
    lookups = stand.world.services.federation.lookups
    lookups._resolver = records  # noqa: SLF001  what the DNS says


def _routed(stand: Stand) -> dict[str, str]:
    _proved(stand)
    return {"connection": connect(stand.world, stand.tenant).name}


def _session(stand: Stand) -> None:
    user = stand.user()
    Browser(stand.world).complete(stand.world.client(stand.tenant), user)
    listed = stand.caller.call("GET", f"/tenants/{stand.tenant.id}/users/{user.id}/sessions")
    stand.values["session_id"] = listed.json["items"][0]["id"]


def _identity(stand: Stand) -> None:
    stand.values["identity_id"] = link(
        stand.world, stand.user(), connect(stand.world, stand.tenant)
    )


def _connection_of_platform(stand: Stand) -> None:
    stand.values["connection"] = connect(stand.world).name


def _linked(*, platform: bool) -> Ready:
    """Link somebody by a connection that is off: one that works keeps its people."""

    def prepare(stand: Stand) -> None:
        owner = None if platform else stand.tenant
        found = connect(stand.world, owner, enabled=False)
        link(stand.world, stand.user(), found)
        stand.values["connection"] = found.name

    return prepare


def _given_up_mail(stand: Stand) -> None:
    services, now = stand.world.services, stand.world.clock.now()
    message = Message(stand.tenant.id, None, mail(), "password_changed", {"name": NAME})
    stand.world.services.database.write(
        lambda tx: enqueue(tx, message, keyring=services.keyring, now=now)
    )
    stand.write(update(OutboxMessage).values(failed_at=now, attempts=22))


def _given_up_logout(stand: Stand) -> None:
    story = ProtocolStory(stand.world)
    story.undelivered()[1]()
    _come_to(stand, story.tenant)


def _given_up_webhook(stand: Stand) -> None:
    stand.values["webhook_id"] = hook(stand.world, stand.tenant).id
    stand.done("test_webhook")
    stand.write(update(WebhookDelivery).values(failed_at=stand.world.clock.now()))


def _guest(stand: Stand) -> dict[str, Any]:
    home = Stand(stand.world, stand.caller, stand.operations, stand.world.tenant())
    return {"home_tenant_id": home.tenant.id, "home_user_id": home.user().id}


def _api_key(stand: Stand) -> dict[str, Any]:
    service = stand.world.client(stand.tenant, "service", scopes=["users:read"])
    return {"client_id": service.id, "name": "Nightly", "scopes": ["users:read"]}


def _secret(stand: Stand) -> None:
    stand.values["client_id"] = stand.world.client(stand.tenant, "service").id
    stand.done("rotate_secret")
    one = f"/tenants/{stand.tenant.id}/clients/{stand.values['client_id']}/secrets"
    stand.values["secret_id"] = stand.caller.call("GET", one).json["items"][0]["id"]


def _filled(stand: Stand) -> None:
    of_result("create_import", "job_id", worked=False)(stand)
    one = f"/tenants/{stand.tenant.id}/imports/{stand.values['job_id']}/parts"
    added = stand.caller.call("POST", one, BODIES["add_part"])
    assert added.status_code < 300, added.text


def _invitation(stand: Stand) -> None:
    stand.values["invitation_id"] = stand.done("create_invitation")["id"]
    stand.world.clock.move(minutes=6)  # it was mailed just now


def _registered(stand: Stand) -> None:
    at = registrar(stand.world)
    stand.values["client_id"] = at.registered()["client_id"]
    _come_to(stand, at.tenant)


def _sealed(stand: Stand) -> None:
    """Name an event that says from where somebody called."""
    stand.done("change_settings")
    query = select(AuditEvent.id).where(AuditEvent.type == "tenant.changed")
    with stand.world.services.database.read() as view:
        ours = query.where(AuditEvent.tenant_id == stand.tenant.id)
        stand.values["event_id"] = str(view.platform().scalar(ours))


def _come_to(stand: Stand, tenant: TenantFixture) -> None:
    """Go on in another tenant."""
    stand.tenant = tenant
    stand.open()


def _own_issuer(stand: Stand) -> None:
    _come_to(stand, stand.world.tenant(own_issuer=True))


def _copy(stand: Stand) -> dict[str, Any]:
    of_result("create_copy", "job_id")(stand)
    piece = stand.done("take_copy")
    return {"file": piece["content"], "passphrase": SECRET, "slug": f"{stand.tenant.slug}-2"}


READY: Mapping[str, Ready] = {
    "accept_contradictions": lambda stand: contradict(stand.world, "far"),
    "cancel_erasure": after("create_erasure"),
    "create_api_key": _api_key,
    "create_arrival": _copy,
    "create_erasure": somebody(),
    "create_export": somebody(),
    "create_guest": _guest,
    "delete_copy": of_result("create_copy", "job_id"),
    "download_trail_export": of_result("create_trail_export", "export_id"),
    "enable_client": after("disable_client"),
    "enable_connection": after("disable_connection"),
    "enable_connection_of_platform": after("disable_connection_of_platform"),
    "enable_user": after("disable_user"),
    "end_issuer": _own_issuer,
    "end_session": _session,
    "lift_legal_hold": after("set_legal_hold"),
    "release_of_limit": after("take_of_limit"),
    "remove_connection": after("disable_connection"),
    "remove_connection_of_platform": after("disable_connection_of_platform"),
    "open_event": _sealed,
    "remove_contact": lambda stand: contacts.named(stand.world, stand.tenant),
    **dict.fromkeys(("resend_contact", "withdraw_contact"), after("name_contact")),
    "remove_logo": after("set_logo"),
    "renew_registration_token": _registered,
    "replay_webhook": _given_up_webhook,
    "resend_invitation": _invitation,
    "restore_tenant": after("archive_tenant"),
    "resume_tenant": after("suspend_tenant"),
    "resume_webhook": after("pause_webhook"),
    "retry_logouts": _given_up_logout,
    "retry_mails": _given_up_mail,
    "retry_tenant_logouts": _given_up_logout,
    "retry_tenant_mails": _given_up_mail,
    "revoke_secret": _secret,
    "rotate_tenant_signing_keys": _own_issuer,
    "route_domain": _routed,
    "add_part": of_result("create_import", "job_id", worked=False),
    "start_import": _filled,
    "take_copy": of_result("create_copy", "job_id"),
    "take_role": after("give_role"),
    "unlink_identity": _identity,
    "unlink_people": _linked(platform=False),
    "unlink_people_of_platform": _linked(platform=True),
    "verify_domain": _published,
    "verify_email": somebody(verified=False),
    **{f"{name}_connection_of_platform": _connection_of_platform for name in ("change", "disable")},
    "set_connection_secret_of_platform": _connection_of_platform,
}
