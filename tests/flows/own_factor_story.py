"""The part of the story about what people change of their own factors, and whom they trust."""

from authserver.tenants.policy import TenantPolicy
from tests.flows.entry_story import Change
from tests.flows.joining_story import JoiningStory
from tests.support.account import enter
from tests.support.authenticator import App, Owner, secret_on
from tests.support.browser import Browser


class OwnFactorStory(JoiningStory):
    """A person with an app changes what they have."""

    def with_an_app(self) -> tuple[Browser, str]:
        """Return the browser of somebody who has just added an app, and the app's id."""
        browser = self.browser()
        enter(browser, self.world.user(self.tenant))
        page = browser.get("/account/factors/add")
        browser.submit(page, code=App(self.world, secret_on(page)).code())
        return browser, self.id_on(browser, "/account/factors/remove?about=")

    def id_on(self, browser: Browser, link: str) -> str:
        """Return the id that the page of security links to."""
        return browser.get("/account/security").text.partition(link)[2].partition('"')[0]

    def rename(self) -> Change:
        browser, about = self.with_an_app()
        page = browser.get("/account/factors/rename", query_string={"about": about})
        return lambda: browser.submit(page, name="Kitchen")

    def about_to_trust(self) -> tuple[Owner, Browser, Change]:
        """Return a person at the code, and what sends it with the wish to trust the browser."""
        policy = TenantPolicy(mfa_required=False, trusted_device_days=7)
        self.write(
            lambda tx: self.services.tenants.set_policy(tx, self.tenant.slug, policy, actor=self.by)
        )()
        owner, browser = self.owner(), self.browser()
        page = browser.follow(browser.sign_in(browser.get("/account"), owner.user))
        return owner, browser, lambda: browser.submit(page, code=owner.app.code(), trust="yes")

    def give_trust(self) -> Change:
        return self.about_to_trust()[2]

    def use_trust(self) -> Change:
        owner, browser, give = self.about_to_trust()
        give()
        browser.submit(browser.get("/login/logout"))
        page = browser.follow(browser.get("/account"))
        return lambda: browser.sign_in(page, owner.user)

    def end_trust(self) -> Change:
        _owner, browser, give = self.about_to_trust()
        give()
        about = self.id_on(browser, "/account/factors/trust?about=")
        question = browser.get("/account/factors/trust", query_string={"about": about})
        return lambda: browser.submit(question)
