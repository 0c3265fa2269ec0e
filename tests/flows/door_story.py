"""The part of the story about doors that no type of event needs: and a way through each door.

A door is a URL that takes what a browser or a client sends to change something.
"""

from collections.abc import Callable, Mapping

from authserver.audit.events import EventType as Type
from tests.admin.bodies import mail
from tests.api_keys import test_account_page as api_keys
from tests.flows import test_partner as portal
from tests.flows.entry_story import NAME, Change
from tests.flows.story import STEPS, Story
from tests.privacy import test_erasure as erasing
from tests.privacy import test_exports as copying
from tests.support import contacts
from tests.support.account import FIREFOX, IPHONE, ask, enter, signed_in_from
from tests.support.authenticator import App, halfway, secret_on
from tests.support.browser import answered, authorization
from tests.support.factors import Keeper
from tests.support.linked import connect, link
from tests.support.passkeys import SECOND, Holder, options, send
from tests.support.registering import registrar
from tests.support.world import UserFixture

NEW_PASSWORD = "Another-Horse-8"


class DoorStory(Story):
    """People and clients at doors, each with what has to be done before."""

    def posted_request(self) -> Change:
        browser = self.signed_in()
        return lambda: browser.post("/oauth/authorize", data=authorization(self.client))

    def own_app(self) -> Change:
        browser = self.browser()
        enter(browser, self.somebody())
        page = browser.get("/account/factors/add")
        return lambda: browser.submit(page, code=App(self.world, secret_on(page)).code())

    def first_passkey(self) -> Change:
        return lambda: Holder(self.world, self.client)

    def alone_by_passkey(self) -> Change:
        holder, browser = Holder(self.world, self.client), self.browser()
        page = holder.at_the_page(browser)
        return lambda: holder.attempt(browser, page)

    def second_passkey(self) -> Change:
        holder, browser = Holder(self.world, self.client), self.browser()
        page = holder.at_the_factor(browser)
        made = holder.key.get(options(browser, page, SECOND))
        return lambda: send(browser, page, SECOND, made)

    def new_password(self) -> Change:
        browser, person = self.browser(), self.somebody()
        self.write(
            lambda tx: self.services.accounts.require_password_change(
                tx, self.tenant.id, user_id=person.id, actor=self.by
            )
        )()
        page = halfway(browser, self.client, person)
        return lambda: browser.submit(page, password=NEW_PASSWORD)

    def somebody(self) -> UserFixture:
        return self.world.user(self.tenant, "admin", name=NAME, email=mail())

    def question(self, page: str, about: str) -> Change:
        """Ask for something on a page of one's own that asks back."""
        browser = self.browser()
        enter(browser, self.somebody(), page)
        asked = ask(browser, page, about)
        return lambda: browser.submit(asked)

    def end_other(self) -> Change:
        person = self.somebody()
        here = signed_in_from(self.world, person, FIREFOX)
        signed_in_from(self.world, person, IPHONE)
        about = here.get("/account/sessions").text.partition("sessions?about=")[2].partition('"')[0]
        asked = ask(here, "sessions", about)
        return lambda: here.submit(asked)

    def own_key(self) -> Change:
        browser = self.browser()
        enter(browser, self.somebody(), "api_keys")
        return lambda: api_keys.made(browser)

    def own_password(self) -> Change:
        keeper = Keeper(self.world, self.tenant)
        page, password = keeper.get("password"), keeper.user.password
        return lambda: keeper.browser.submit(page, present=password, new=NEW_PASSWORD)

    def own_factor(self, page: str) -> Change:
        keeper = Keeper(self.world, self.tenant)
        keeper.add()
        asked = keeper.get(page, **({"about": keeper.ids()[0]} if page == "remove_factor" else {}))
        return lambda: keeper.browser.submit(asked)

    def disconnect(self) -> Change:
        browser, person = self.browser(), self.somebody()
        identity = link(self.world, person, connect(self.world, self.tenant))
        enter(browser, person, "sign_ins")
        asked = ask(browser, "sign_ins", identity)
        return lambda: browser.submit(asked)

    def confirm_contact(self) -> Change:
        contacts.asked(self.world, self.tenant, address := mail())
        browser = self.browser()
        page = contacts.opened(
            self.world, contacts.link_to(self.world, self.tenant, address), browser
        )
        return lambda: browser.submit(page)

    def confirm_erasure(self) -> Change:
        person = self.somebody()
        browser, path = erasing.asked(self.world, person)
        page = browser.get(path)
        return lambda: browser.submit(page, email=person.email)

    def take_copy(self) -> Change:
        copying.made(self.world)  # what somebody else has asked for
        person = self.somebody()
        browser = copying.asked(self.world, person)
        page = browser.get(copying.link(self.world, person))
        return lambda: browser.submit(page)

    def partner(self, page: str, **fields: str) -> Change:
        keeper = portal.keeper(self.world)
        return lambda: keeper.send(page, **fields)

    def switch_tenant(self) -> Change:
        browser, person = self.browser(), self.somebody()
        guest = self.world.guest(person, self.world.tenant())
        enter(browser, person, "tenants")
        page = browser.get("/account/tenants")
        return lambda: browser.submit(page, about=guest.id)

    def sign_out_by_client(self) -> Change:
        browser = self.signed_in()
        code = answered(browser.authorize(self.client))["code"]
        hint = {"id_token_hint": self.party().redeem(code).json["id_token"]}
        return lambda: browser.follow(browser.post("/oauth/logout", data=hint))

    def register_client(self) -> Change:
        return registrar(self.world).register


def step(type_: Type) -> Callable[[DoorStory], Change]:
    return STEPS[type_]


# By what is sent to it, as the server's own maps say it.
DOORS: Mapping[str, Callable[[DoorStory], Change]] = {
    "/account/api-keys": DoorStory.own_key,
    "/account/applications": step(Type.ACCESS_REVOKED),
    "/account/email": step(Type.EMAIL_CHANGE_REQUESTED),
    "/account/factors/add": DoorStory.own_app,
    "/account/factors/codes": lambda s: s.own_factor("backup_codes"),
    "/account/factors/remove": lambda s: s.own_factor("remove_factor"),
    "/account/factors/rename": step(Type.FACTOR_RENAMED),
    "/account/factors/trust": step(Type.TRUST_ENDED),
    "/account/passkeys": step(Type.PASSKEY_ADDED),
    "/account/password": DoorStory.own_password,
    "/account/picture": step(Type.PICTURE_CHANGED),
    "/account/privacy": lambda s: s.question("privacy", "copy"),
    "/account/privacy/erasure": DoorStory.confirm_erasure,
    "/account/privacy/export": DoorStory.take_copy,
    "/account/profile": step(Type.USER_PROFILE_CHANGED),
    "/account/security": step(Type.DEVICE_FORGOTTEN),
    "/account/sessions": DoorStory.end_other,
    "/account/sign-ins": DoorStory.disconnect,
    "/account/tenants": DoorStory.switch_tenant,
    "/device": step(Type.DEVICE_CODE_ENTERED),
    "/login/account": step(Type.ACCOUNT_CHOSEN),
    "/login/change/password": DoorStory.new_password,
    "/login/consent": step(Type.CONSENT_DENIED),
    "/login/contact/confirm": DoorStory.confirm_contact,
    "/login/email/confirm": step(Type.USER_EMAIL_CHANGED),
    "/login/email/keep": step(Type.EMAIL_CHANGE_CANCELLED),
    "/login/invitation": step(Type.INVITATION_ACCEPTED),
    "/login/logout": step(Type.SESSION_ENDED),
    "/login/mfa": step(Type.BACKUP_CODE_USED),
    "/login/mfa/codes": lambda s: s.owner,
    "/login/mfa/passkey": DoorStory.second_passkey,
    "/login/mfa/passkey-setup": DoorStory.first_passkey,
    "/login/mfa/setup": step(Type.FACTOR_ADDED),
    "/login/passkey": DoorStory.alone_by_passkey,
    "/login/password": step(Type.SIGN_IN_SUCCEEDED),
    "/login/recover": step(Type.RECOVERY_REQUESTED),
    "/login/recover/new": step(Type.RECOVERY_COMPLETED),
    "/login/recover/unlock": step(Type.ACCOUNT_UNLOCKED),
    "/login/register": step(Type.REGISTRATION_REQUESTED),
    "/login/register/new": step(Type.USER_REGISTERED),
    "/login/verify": step(Type.USER_EMAIL_VERIFIED),
    "/oauth/authorize": DoorStory.posted_request,
    "/oauth/device_authorization": step(Type.DEVICE_REQUESTED),
    "/oauth/logout": DoorStory.sign_out_by_client,
    "/oauth/register": DoorStory.register_client,
    "/oauth/register/": step(Type.CLIENT_DELETED),
    "/oauth/revoke": step(Type.TOKENS_REVOKED),
    "/oauth/token": step(Type.MACHINE_TOKEN_ISSUED),
    "/partner/addresses": lambda s: s.partner("/addresses", addresses="192.0.2.0/24"),
    "/partner/secret": lambda s: s.partner("/secret", overlap="24"),
}
