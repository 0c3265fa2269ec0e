"""The part of the story about mailed links and second factors, and what every part needs."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from authserver.accounts.directory import UserSnapshot
from authserver.cli import mail
from authserver.core.ids import new_id
from authserver.delivery.models import OutboxMessage
from tests.support.account import enter
from tests.support.authenticator import App, Owner, halfway, secret_on
from tests.support.browser import Browser, Party, hidden
from tests.support.mails import links, path_of
from tests.support.passkeys import ALONE, OWN, Holder, SoftKey, options, send
from tests.support.pictures import picture, upload
from tests.support.world import ClientFixture, UserFixture, World

ADDRESS, USER_AGENT, NAME = "203.0.113.77", "CanaryAgent/7.7", "Canary Lovelace"
Change = Callable[[], Any]


class EntryStory:
    """A tenant with a person and clients; by mailed links and second factors people come in."""

    def __init__(self, world: World) -> None:
        self.world, self.services = world, world.services
        self.tenant = world.tenant()
        self.email = f"canary-{new_id('x')[-8:]}@example.com"
        self.person = world.user(self.tenant, "admin", email=self.email, name=NAME)
        self.other = world.user(self.tenant, "admin", name=NAME)
        self.client = world.client(self.tenant)
        self.by = replace(
            world.operator, principal=self.tenant.id, address=ADDRESS, user_agent=USER_AGENT
        )

    def browser(self) -> Browser:
        browser = Browser(self.world)
        browser.http.environ_base.update(REMOTE_ADDR=ADDRESS, HTTP_USER_AGENT=USER_AGENT)
        return browser

    def party(self, client: ClientFixture | None = None) -> Party:
        party = Party(self.world, client or self.client)
        party.http.environ_base.update(REMOTE_ADDR=ADDRESS, HTTP_USER_AGENT=USER_AGENT)
        return party

    def write(self, job: Callable[[Any], Any]) -> Change:
        def change() -> None:
            self.services.database.write(job)
            self.services.watch.changed()

        return change

    def wrong_password(self, *, before: int) -> Change:
        browser = self.browser()
        page = browser.follow(browser.authorize(self.client))
        for _ in range(before):
            browser.sign_in(page, self.person, password="Wrong-Horse-7")
        return lambda: browser.sign_in(page, self.person, password="Wrong-Horse-7")

    def newcomer(self) -> UserFixture:
        """Make a person who has not proved the address: what is changed is nobody else's."""
        return self.world.user(self.tenant, name=NAME, verified=False)

    def ask_for_a_mail(self, person: UserFixture) -> Change:
        browser = self.browser()
        page = browser.get("/login/recover")
        return lambda: browser.submit(page, email=person.email, organization=self.tenant.slug)

    def mailed(self, person: UserFixture, template: str, **fields: str) -> Change:
        """Follow the link in the last mail of a kind; what it does is the change."""
        browser = self.browser()
        link = path_of(links(self.world, person.id, template)[-1])
        page = browser.follow(browser.get(link))
        return lambda: browser.submit(page, **fields)

    def recover(self) -> Change:
        person = self.newcomer()
        self.ask_for_a_mail(person)()
        return self.mailed(person, "new_password", password="Another-Horse-8")

    def send_verification(self, person: UserFixture) -> Change:
        user = UserSnapshot(person.id, self.tenant.id, person.email, NAME, None, 1)
        verification = self.services.mailed.verification
        return self.write(lambda tx: verification.send(tx, user, actor=self.by))

    def verify(self) -> Change:
        person = self.newcomer()
        self.send_verification(person)()
        return self.mailed(person, "verify_email")

    def unlock(self) -> Change:
        self.wrong_password(before=4)()
        return self.mailed(self.person, "account_locked")

    def own_page(self, page: str, person: UserFixture) -> tuple[Browser, TestResponse]:
        """Sign in to a page of the account, and return the page."""
        browser = self.browser()
        form = browser.get(f"/account/{page}")
        answer = browser.sign_in(form, person, organization=self.tenant.slug)
        return browser, browser.follow(answer)

    def want_address(self, person: UserFixture) -> Change:
        browser, form = self.own_page("email", person)
        return lambda: browser.submit(form, email=f"new-{person.email}")

    def change_address(self, template: str = "confirm_new_address") -> Change:
        person = self.world.user(self.tenant, name=NAME)
        self.want_address(person)()
        return self.mailed(person, template)

    def require_password(self) -> Change:
        person = self.newcomer()
        return self.write(
            lambda tx: self.services.accounts.require_password_change(
                tx, self.tenant.id, user_id=person.id, actor=self.by
            )
        )

    def give_picture(self) -> Change:
        browser, _page = self.own_page("picture", self.person)
        return lambda: upload(browser, picture())

    def take_picture(self) -> Change:
        self.give_picture()()
        browser, page = self.own_page("picture", self.person)
        return lambda: browser.submit(page, do="remove")

    def retry_mail(self) -> Change:
        """Do what `authserver mail retry` does."""
        self.ask_for_a_mail(self.person)()
        with self.services.database.read() as view:
            ids = view.tenant(self.tenant.id).scalars(select(OutboxMessage.id)).all()
        return lambda: mail.retry_noted(self.services, ids)

    def owner(self) -> Owner:
        return Owner(self.world, self.client)

    def first_half(self) -> Change:
        owner, browser = self.owner(), self.browser()
        page = browser.follow(browser.authorize(self.client))
        return lambda: browser.sign_in(page, owner.user)

    def set_up(self) -> Change:
        browser, person = self.browser(), self.world.user(self.tenant)
        page = halfway(browser, self.client, person, acr_values="urn:authserver:acr:mfa")
        app = App(self.world, secret_on(page))
        return lambda: browser.submit(page, code=app.code())

    def wrong_code(self, *, before: int) -> Change:
        owner = self.owner()
        for _ in range(before):
            browser = self.browser()
            browser.submit(owner.at_the_code(browser), code=owner.app.wrong())
        last = self.browser()
        page = owner.at_the_code(last)
        return lambda: last.submit(page, code=owner.app.wrong())

    def backup_code(self) -> Change:
        owner, browser = self.owner(), self.browser()
        page = owner.at_the_code(browser)
        return lambda: browser.submit(page, code=owner.codes[0], method="backup_code")

    def add_passkey(self) -> Change:
        browser = self.browser()
        enter(browser, self.world.user(self.tenant, name=NAME))
        page = browser.get(OWN, query_string={"about": "new"})
        made = SoftKey().create(options(browser, page, OWN))
        return lambda: send(browser, page, OWN, made)

    def change_passkey(self, **form: str) -> Change:
        holder = Holder(self.world, self.client)
        browser = self.browser()
        page = browser.follow(browser.get("/account/security"))
        holder.attempt(browser, page)
        known = browser.get("/account/security").text
        about = "pky_" + known.partition(f"{OWN}?about=pky_")[2].partition('"')[0]
        page = browser.get(OWN, query_string={"about": about})
        return lambda: browser.post(OWN, data={**hidden(page), "about": about, **form})

    def repeated_passkey(self) -> Change:
        holder = Holder(self.world, self.client, SoftKey(synced=False, counts=True))
        holder.key.count, browser = 0, self.browser()
        page = holder.at_the_page(browser)
        made = holder.key.get(options(browser, page, ALONE))
        return lambda: send(browser, page, ALONE, made)

    def reset_factors(self) -> Change:
        user = self.owner().user
        return self.write(
            lambda tx: self.services.factors.reset(
                tx, self.tenant.id, user.id, by=self.by, reason="lost phone"
            )
        )
