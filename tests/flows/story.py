"""Every kind of change of this installation, each by the real flow that makes it.

A step is prepared first, and the change itself is the last thing that happens: `change()`.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from authserver.accounts.password_change import ChangeRequest, PresentPasswordRefused
from authserver.audit.events import EventType as Type
from authserver.clients.secrets import Plan
from authserver.tenants.policy import TenantPolicy
from tests.flows import client_story, protocol_story, provider_story
from tests.flows.client_story import ClientStory
from tests.flows.entry_story import NAME, Change
from tests.flows.own_factor_story import OwnFactorStory
from tests.flows.protocol_story import ProtocolStory
from tests.flows.provider_story import ProviderStory
from tests.support.browser import Browser, answered
from tests.support.chooser import press
from tests.support.world import ClientFixture


class Story(OwnFactorStory, ProviderStory, ProtocolStory, ClientStory):
    """A tenant with a person and clients, and one method for each type of event."""

    def signed_in(self) -> Browser:
        browser = self.browser()
        browser.complete(self.client, self.person)
        return browser

    def code(self) -> str:
        return answered(self.signed_in().authorize(self.client))["code"]

    def tokens(self) -> dict[str, str]:
        return self.party().redeem(self.code()).json

    def prepared(self, type_: Type) -> Change:
        """Return the change that makes an event of a type, everything before it done."""
        return STEPS[type_](self)

    def tenant_change(self, name: str) -> Change:
        method = getattr(self.services.tenants, name)
        return self.write(lambda tx: method(tx, self.tenant.slug, self.by))

    def user_enabled(self, *, enabled: bool) -> Change:
        return self.write(
            lambda tx: self.services.accounts.set_enabled(
                tx, self.tenant.id, user_id=self.person.id, enabled=enabled, actor=self.by
            )
        )

    def sessions_ended(self) -> Change:
        return self.write(
            lambda tx: self.services.endings.of_person(
                tx, self.tenant.id, self.person.id, actor=self.by
            )
        )

    def client_links(self) -> Change:
        links = {"policy_uri": "https://rp.example/policy"}
        return self.write(
            lambda tx: self.services.amendments.amend(
                tx, self.tenant.id, self.client.id, changes=links, actor=self.by
            )
        )

    def client_enabled(self, *, enabled: bool) -> Change:
        return self.write(
            lambda tx: self.services.clients.set_enabled(
                tx, self.tenant.id, self.client.id, enabled=enabled, actor=self.by
            )
        )

    def roles(self) -> Change:
        return self.write(
            lambda tx: self.services.roles.set_roles(
                tx, self.tenant.id, self.person.id, roles=["SUPPORT_AGENT"], actor=self.by
            )
        )

    def password(self) -> Change:
        made = self.services.hasher.hash("Another-Horse-8")
        return self.write(
            lambda tx: self.services.accounts.set_password(
                tx, self.tenant.id, user_id=self.person.id, password_hash=made, actor=self.by
            )
        )

    def wrong_present_password(self) -> Change:
        actor = replace(self.by, kind="user", principal=self.person.id)
        request = ChangeRequest(
            self.tenant.id, self.person.id, "Wrong-Horse-7", "Another-Horse-8", actor
        )

        def change() -> None:
            with suppress(PresentPasswordRefused):
                self.services.password_change.change_password(request)

        return change

    def policy(self) -> Change:
        policy = TenantPolicy(mfa_required=True)
        return self.write(
            lambda tx: self.services.tenants.set_policy(tx, self.tenant.slug, policy, actor=self.by)
        )

    def right_password(self) -> Change:
        browser = self.browser()
        page = browser.follow(browser.authorize(self.client))
        return lambda: browser.sign_in(page, self.person)

    def sign_out(self) -> Change:
        browser = self.signed_in()
        page = browser.get("/login/logout")
        return lambda: browser.submit(page)

    def decision(self, decision: str) -> Change:
        browser = self.browser()
        back = browser.sign_in(browser.authorize(self.client), self.person)
        page = browser.follow(browser.follow(back))
        return lambda: browser.submit(page, decision=decision)

    def choice(self) -> Change:
        browser = self.signed_in()
        page = browser.follow(browser.authorize(self.client, prompt="select_account"))
        return lambda: press(browser, page, account=self.person.id)

    def issue(self) -> Change:
        browser = self.signed_in()
        return lambda: browser.authorize(self.client)

    def repeat(self) -> Change:
        browser = self.signed_in()
        for nonce in ("second", "third"):
            browser.authorize(self.client, nonce=nonce)
        return lambda: browser.authorize(self.client, nonce="fourth")

    def redeem(self, *, times: int = 0, **wrong: str) -> Change:
        code, party = self.code(), self.party()
        for _ in range(times):
            party.redeem(code)
        return lambda: party.redeem(code, **wrong)

    def refresh(self, *, reuse: bool = False) -> Change:
        token, party = self.tokens()["refresh_token"], self.party()
        if reuse:
            party.refresh(token)
            self.world.clock.move(seconds=60)
        return lambda: party.refresh(token)

    def revoke(self) -> Change:
        token, party = self.tokens()["refresh_token"], self.party()
        return lambda: party.revoke(token)

    def machine(self, *, walled: bool = False) -> Change:
        allowed = ["198.51.100.0/24"] if walled else []
        party = self.party(self.world.client(self.tenant, "partner", ip_allowlist=allowed))
        return party.machine

    def impostor(self) -> Change:
        party = self.party(ClientFixture(self.client.id, "cs_wrong", self.tenant))
        return party.machine

    def rotate_secret(self) -> Change:
        return self.write(
            lambda tx: self.services.clients.rotate_secret(
                tx, self.tenant.id, self.client.id, plan=Plan(timedelta(days=1)), actor=self.by
            )
        )

    def keys(self) -> Change:
        self.write(lambda tx: self.services.keys.ensure(tx, self.tenant.id, self.by))()
        return self.write(lambda tx: self.services.keys.rotate(tx, self.tenant.id, self.by))

    def first_keys(self) -> Change:
        return self.write(lambda tx: self.services.keys.ensure(tx, self.tenant.id, self.by))

    def account_page(self, page: str, **fields: str) -> Change:
        """Return what sends a form of the signed-in person's own pages."""
        browser = self.signed_in()
        form = browser.get(f"/account/{page}")
        return lambda: browser.submit(form, **fields)

    def forget(self) -> Change:
        browser = self.signed_in()
        question = browser.get("/account/security", query_string={"about": "all"})
        return lambda: browser.submit(question)

    def take_away(self) -> Change:
        browser = self.signed_in()
        about = {"about": self.client.id}
        question = browser.get("/account/applications", query_string=about)
        return lambda: browser.submit(question)

    def after(self, first: Change, second: Change) -> Change:
        first()
        return second


STEPS: dict[Type, Callable[[Story], Change]] = {
    Type.TENANT_CREATED: lambda s: s.world.tenant,
    Type.TENANT_SUSPENDED: lambda s: s.tenant_change("suspend"),
    Type.TENANT_RESUMED: lambda s: s.after(s.tenant_change("suspend"), s.tenant_change("resume")),
    Type.TENANT_CHANGED: Story.policy,
    Type.TENANT_SESSIONS_ENDED: lambda s: s.tenant_change("end_sessions"),
    Type.USER_SESSIONS_ENDED: Story.sessions_ended,
    Type.CLIENT_CHANGED: Story.client_links,
    Type.USER_CREATED: lambda s: lambda: s.world.user(s.tenant),
    Type.USER_DISABLED: lambda s: s.user_enabled(enabled=False),
    Type.USER_ENABLED: lambda s: s.after(
        s.user_enabled(enabled=False), s.user_enabled(enabled=True)
    ),
    Type.USER_ROLES_CHANGED: Story.roles,
    Type.USER_PASSWORD_CHANGED: Story.password,
    Type.USER_PROFILE_CHANGED: lambda s: s.account_page("profile", name=f"{NAME} King"),
    Type.DEVICE_FORGOTTEN: Story.forget,
    Type.ACCESS_REVOKED: Story.take_away,
    Type.USER_PASSWORD_REFUSED: Story.wrong_present_password,
    Type.USER_EMAIL_VERIFIED: Story.verify,
    Type.USER_EMAIL_CHANGED: Story.change_address,
    Type.EMAIL_CHANGE_REQUESTED: lambda s: s.want_address(s.world.user(s.tenant, name=NAME)),
    Type.EMAIL_CHANGE_CANCELLED: lambda s: s.change_address("address_will_change"),
    Type.PASSWORD_CHANGE_REQUIRED: Story.require_password,
    Type.PICTURE_CHANGED: Story.give_picture,
    Type.PICTURE_REMOVED: Story.take_picture,
    Type.MAIL_RETRIED: Story.retry_mail,
    Type.INVITATION_CREATED: Story.invite,
    Type.INVITATION_RESENT: lambda s: s.on_the_invitation("resend"),
    Type.INVITATION_REVOKED: lambda s: s.on_the_invitation("revoke"),
    Type.INVITATION_ACCEPTED: Story.accept,
    Type.REGISTRATION_REQUESTED: Story.ask_to_register,
    Type.USER_REGISTERED: Story.register,
    Type.VERIFICATION_SENT: lambda s: s.send_verification(s.newcomer()),
    Type.RECOVERY_REQUESTED: lambda s: s.ask_for_a_mail(s.person),
    Type.RECOVERY_COMPLETED: Story.recover,
    Type.PASSWORD_ACCEPTED: Story.first_half,
    Type.SIGN_IN_SUCCEEDED: Story.right_password,
    Type.SIGN_IN_FAILED: lambda s: s.wrong_password(before=0),
    Type.ACCOUNT_LOCKED: lambda s: s.wrong_password(before=4),
    Type.ACCOUNT_UNLOCKED: Story.unlock,
    Type.FACTOR_ADDED: Story.set_up,
    Type.FACTOR_RENAMED: Story.rename,
    Type.FACTOR_REMOVED: Story.reset_factors,
    Type.FACTOR_REFUSED: lambda s: s.wrong_code(before=0),
    Type.FACTOR_LOCKED: lambda s: s.wrong_code(before=9),
    Type.FACTORS_RESET: Story.reset_factors,
    Type.PASSKEY_ADDED: Story.add_passkey,
    Type.PASSKEY_RENAMED: lambda s: s.change_passkey(act="rename", name=NAME),
    Type.PASSKEY_REMOVED: lambda s: s.change_passkey(act="remove"),
    Type.PASSKEY_REPEATED: Story.repeated_passkey,
    Type.BACKUP_CODES_RENEWED: Story.set_up,
    Type.TRUST_GIVEN: Story.give_trust,
    Type.TRUST_USED: Story.use_trust,
    Type.TRUST_ENDED: Story.end_trust,
    Type.BACKUP_CODE_USED: Story.backup_code,
    Type.SESSION_STARTED: Story.right_password,
    Type.SESSION_ENDED: Story.sign_out,
    Type.ACCOUNT_CHOSEN: Story.choice,
    Type.CONSENT_GRANTED: lambda s: s.decision("allow"),
    Type.CONSENT_DENIED: lambda s: s.decision("deny"),
    Type.CODE_ISSUED: Story.issue,
    Type.CHALLENGE_REPEATED: Story.repeat,
    Type.CODE_REPLAYED: lambda s: s.redeem(times=1),
    Type.CODE_REFUSED: lambda s: s.redeem(code_verifier="w" * 64),
    Type.TOKENS_ISSUED: Story.redeem,
    Type.TOKENS_REFRESHED: Story.refresh,
    Type.MACHINE_TOKEN_ISSUED: Story.machine,
    Type.REFRESH_REUSED: lambda s: s.refresh(reuse=True),
    Type.TOKENS_REVOKED: Story.revoke,
    Type.CLIENT_CREATED: lambda s: lambda: s.world.client(s.tenant),
    Type.CLIENT_DISABLED: lambda s: s.client_enabled(enabled=False),
    Type.CLIENT_ENABLED: lambda s: s.after(
        s.client_enabled(enabled=False), s.client_enabled(enabled=True)
    ),
    Type.CLIENT_SECRET_ROTATED: Story.rotate_secret,
    Type.CLIENT_AUTHENTICATION_FAILED: Story.impostor,
    Type.CLIENT_ADDRESS_REFUSED: lambda s: s.machine(walled=True),
    Type.KEY_CREATED: Story.first_keys,
    Type.KEYS_ROTATED: Story.keys,
    **provider_story.STEPS,
    **protocol_story.STEPS,
    **client_story.STEPS,
}
