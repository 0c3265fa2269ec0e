"""The pages of a sign-in that need the most around them: part of the wiring, beside app.py."""

from authserver.login.account.arrive import Arrival
from authserver.login.account.page import Tools as ChooserTools
from authserver.login.change.password import ChangePasswordPage
from authserver.login.consent import ConsentPage, Keeping
from authserver.login.contact.confirm import ConfirmContactPage
from authserver.login.contact.done import ContactNamedPage
from authserver.login.email.confirm import ConfirmPage
from authserver.login.email.keep import KeepPage
from authserver.login.entry import Entries
from authserver.login.mfa.code import CodePage
from authserver.login.mfa.codes import CodesPage
from authserver.login.mfa.half import SecondHalf
from authserver.login.mfa.half import Tools as HalfTools
from authserver.login.mfa.passkey import PasskeyFactorPage
from authserver.login.mfa.passkey_setup import PasskeySetupPage
from authserver.login.mfa.setup import SetupPage
from authserver.login.passkey.page import PasskeyPage
from authserver.login.recover.ask import AskPage
from authserver.login.recover.done import DonePage
from authserver.login.recover.mailed import MailedSteps
from authserver.login.recover.new import NewPasswordPage
from authserver.login.recover.routes import RecoveryPages
from authserver.login.recover.unlock import UnlockPage
from authserver.login.routes import MfaPages
from authserver.login.step import Steps
from authserver.login.verify import VerifyPage
from authserver.oauth.device.service import Devices
from authserver.sessions.cookies import CookiePolicy
from authserver.wiring.privacy import make_consent_records
from authserver.wiring.services import Services


def recovery_pages(services: Services, entries: Entries, cookies: CookiePolicy) -> RecoveryPages:
    """Return the pages of mailed links."""
    mailed, steps = services.mailed, MailedSteps(entries, cookies, services.caches.tenants.get)
    return RecoveryPages(
        ask=AskPage(steps, mailed.recovery),
        new=NewPasswordPage(steps, mailed.recovery),
        done=DonePage(steps),
        unlock=UnlockPage(steps, mailed.unlocking),
        verify=VerifyPage(steps, mailed.verification),
        confirm_email=ConfirmPage(steps, mailed.email, cookies),
        keep_email=KeepPage(steps, mailed.email),
        confirm_contact=ConfirmContactPage(steps, services.proving.contacts),
        contact_named=ContactNamedPage(steps),
    )


def mfa_pages(half: SecondHalf, services: Services) -> MfaPages:
    """Return the pages between the first proof and the session."""
    return MfaPages(
        CodePage(half),
        SetupPage(half),
        CodesPage(half),
        passkey=PasskeyFactorPage(half, services.passkeys.sign_in),
        passkey_setup=PasskeySetupPage(half, services.passkeys.sign_in),
        alone=PasskeyPage(half, services.passkeys.sign_in),
        change_password=ChangePasswordPage(half, services.password_renewal),
    )


def half_tools(services: Services) -> HalfTools:
    """Return what the second half of a sign-in works with."""
    return HalfTools(
        services.database,
        services.factors,
        services.passkeys.sign_in,
        arrival=Arrival(
            services.sessions,
            services.guests,
            services.upstream.offers,
            keyring=services.keyring,
            clock=services.clock,
        ),
        clock=services.clock,
        names=services.caches.names,
    )


def chooser_tools(services: Services) -> ChooserTools:
    """Return what the choice of an account works with."""
    return ChooserTools(
        services.database,
        services.sessions,
        trail=services.trail,
        clock=services.clock,
        names=services.caches.names,
    )


def consent_page(services: Services, steps: Steps, devices: Devices) -> ConsentPage:
    """Return the page on which people allow applications, and devices."""
    records = make_consent_records(services)
    keeping = Keeping(services.database, records, services.trail, services.clock)
    return ConsentPage(steps, keeping, names=services.caches.names, devices=devices)
