"""Inviting people and letting them register, as the stories and the attacks begin."""

from dataclasses import dataclass, field, replace

from sqlalchemy import select
from werkzeug.test import TestResponse

from authserver.accounts.models import User
from authserver.accounts.service import find_by_email
from authserver.audit.events import Actor
from authserver.core.ids import new_id
from authserver.invitations.service import Entry, Invite
from authserver.tenants.policy import TenantPolicy
from tests.support.browser import Browser, hidden
from tests.support.mails import link_in, mails_to, path_of
from tests.support.world import ClientFixture, TenantFixture, UserFixture, World

CHOSEN = "Better-Lantern-8"
NAME = "Grace Hopper"


@dataclass
class Guestbook:
    """A tenant, its administrator, and an address that is asked in."""

    world: World
    kind: str = "customer"
    own_issuer: bool = False
    roles: tuple[str, ...] = ("customer_viewer",)
    tenant: TenantFixture = field(init=False)
    admin: UserFixture = field(init=False)
    email: str = field(init=False)

    def __post_init__(self) -> None:
        self.tenant = self.world.tenant(self.kind, own_issuer=self.own_issuer)
        self.admin = self.world.user(self.tenant, "admin", name="Ada Lovelace")
        # Two administrators, so that each of them may stop being one.
        self.world.user(self.tenant, "admin")
        self.email = f"grace.{self.tenant.slug}@example.com"

    def invite(self, *, by_operator: bool = False) -> Entry:
        """Have the administrator, or the operator, invite."""
        inviter = None if by_operator else self.admin.id
        asked = Invite(self.tenant.id, self.email, self.roles, inviter)
        return self.world.services.database.write(
            lambda tx: self.world.services.mailed.invitations.create(
                tx, asked, actor=self.actor(inviter)
            )
        )

    def actor(self, principal: str | None = None) -> Actor:
        kind = "user" if principal else "operator"
        return Actor(kind, principal or self.tenant.id, new_id("cor"))

    def mailed(self) -> str:
        """Invite, and return the link of the mail."""
        self.invite()
        return self.link()

    def link(self) -> str:
        """Return the link of the newest mail to the address."""
        return link_in(mails_to(self.world, self.email, self.tenant.id)[-1])

    def change(self, method: str, invitation_id: str, principal: str | None = None) -> Entry:
        """Resend or revoke."""
        changes = self.world.services.mailed.invitations
        return self.world.services.database.write(
            lambda tx: getattr(changes, method)(
                tx, self.tenant.id, invitation_id, actor=self.actor(principal)
            )
        )

    def account(self) -> User | None:
        """Return the row of the account with the address."""
        with self.world.services.database.read() as view:
            found = find_by_email(view, self.tenant.id, self.email)
            return view.platform().get(User, found.id) if found else None

    def person(self) -> UserFixture:
        """Return who came to be by the link."""
        found = self.account()
        assert found is not None
        return UserFixture(found.id, found.email, self.tenant, CHOSEN)

    def open_to_all(self, **more: object) -> None:
        """Let people register."""
        policy = TenantPolicy(registration_open=True, **more)
        self.policy(policy)

    def policy(self, policy: TenantPolicy) -> None:
        self.world.services.database.write(
            lambda tx: self.world.services.tenants.set_policy(
                tx, self.tenant.slug, policy, actor=self.actor()
            )
        )
        self.world.services.watch.changed()


def arrived(world: World, link: str, browser: Browser | None = None) -> TestResponse:
    """Follow a link to the page behind it."""
    browser = browser or Browser(world)
    moved = browser.get(path_of(link))
    return browser.follow(moved) if moved.status_code == 303 else moved


def joined(
    world: World, link: str, *, name: str = NAME, password: str = CHOSEN, **more: str
) -> TestResponse:
    """Follow a link and fill its form in; return the answer to it, or the page without one."""
    browser = Browser(world)
    page = arrived(world, link, browser)
    if page.status_code != 200:
        return page
    return fill_in(browser, page, name=name, password=password, **more)


def fill_in(browser: Browser, page: TestResponse, **typed: str) -> TestResponse:
    """Send the form for a new account of the page of a link."""
    fields = {**hidden(page), **typed}
    if "home" not in typed:
        fields.pop("home", None)
    return browser.post(page.request.script_root + page.request.path, data=fields)


def register_page(
    world: World, client: ClientFixture, browser: Browser, prefix: str = ""
) -> TestResponse:
    """Go to the sign-in page of a client, and to where an account is made."""
    sign_in = browser.follow(browser.authorize(client))
    del world
    handle = sign_in.request.args["flow"]
    return browser.get(f"{prefix}/login/register", query_string={"flow": handle})


def ask(
    world: World, client: ClientFixture, email: str, browser: Browser | None = None
) -> TestResponse:
    """Ask for an account with an address."""
    browser = browser or Browser(world)
    page = register_page(world, client, browser)
    return browser.post("/login/register", data={**hidden(page), "email": email})


def users_of(world: World, tenant: TenantFixture) -> set[str]:
    """Return the addresses that have an account."""
    with world.services.database.read() as view:
        return set(view.tenant(tenant.id).scalars(select(User.email)))


def as_operator(world: World, tenant: TenantFixture) -> Actor:
    return replace(world.operator, principal=tenant.id)
