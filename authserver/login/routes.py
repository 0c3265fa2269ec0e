"""Every page URL -> function."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint
from werkzeug.wrappers import Response

from authserver.login.account.page import ChooserPage
from authserver.login.change.password import ChangePasswordPage
from authserver.login.consent import ConsentPage
from authserver.login.logout.page import SessionPages
from authserver.login.mfa.code import CodePage
from authserver.login.mfa.codes import CodesPage
from authserver.login.mfa.passkey import PasskeyFactorPage
from authserver.login.mfa.passkey_setup import PasskeySetupPage
from authserver.login.mfa.setup import SetupPage
from authserver.login.passkey.page import PasskeyPage
from authserver.login.password import PasswordPage
from authserver.login.recover.routes import RecoveryPages, add

View = Callable[[], Response]
Limit = Callable[[View], View]


@dataclass(frozen=True)
class MfaPages:
    """The pages between the first proof and the session, and of what needs none beside it."""

    code: CodePage
    setup: SetupPage
    codes: CodesPage
    passkey: PasskeyFactorPage
    passkey_setup: PasskeySetupPage
    alone: PasskeyPage  # a passkey is both factors
    change_password: ChangePasswordPage


def pages(  # noqa: PLR0913  one for each page
    password: PasswordPage,
    consent: ConsentPage,
    sessions: SessionPages,
    *,
    choose: ChooserPage,
    recovery: RecoveryPages,
    mfa: MfaPages,
    limit: Limit,
) -> Blueprint:
    """Return the blueprint of the hosted pages; `limit` guards what tries passwords and codes."""
    routes = Blueprint("login", __name__)
    routes.add_url_rule("/", "home", sessions.home)
    routes.add_url_rule("/login/password", "password", password.show)
    routes.add_url_rule("/login/password", "try_password", limit(password.submit), methods=["POST"])
    routes.add_url_rule("/login/account", "account", choose.show)
    routes.add_url_rule("/login/account", "choose_account", choose.submit, methods=["POST"])
    routes.add_url_rule("/login/mfa", "mfa", mfa.code.show)
    routes.add_url_rule("/login/mfa", "try_mfa", limit(mfa.code.submit), methods=["POST"])
    routes.add_url_rule("/login/mfa/setup", "mfa_setup", mfa.setup.show)
    routes.add_url_rule(
        "/login/mfa/setup", "try_mfa_setup", limit(mfa.setup.submit), methods=["POST"]
    )
    routes.add_url_rule("/login/mfa/codes", "mfa_codes", mfa.codes.show)
    routes.add_url_rule("/login/mfa/codes", "keep_mfa_codes", mfa.codes.submit, methods=["POST"])
    for name, page in (("passkey", mfa.passkey), ("passkey-setup", mfa.passkey_setup)):
        url, endpoint = f"/login/mfa/{name}", f"mfa_{name.replace('-', '_')}"
        routes.add_url_rule(url, endpoint, page.show)
        routes.add_url_rule(url, f"try_{endpoint}", limit(page.submit), methods=["POST"])
    routes.add_url_rule("/login/passkey", "passkey", mfa.alone.show)
    routes.add_url_rule("/login/passkey", "try_passkey", limit(mfa.alone.submit), methods=["POST"])
    change = mfa.change_password
    routes.add_url_rule("/login/change/password", "change_password", change.show)
    routes.add_url_rule(
        "/login/change/password", "submit_password", limit(change.submit), methods=["POST"]
    )
    routes.add_url_rule("/login/consent", "consent", consent.show)
    routes.add_url_rule("/login/consent", "decide_consent", consent.submit, methods=["POST"])
    routes.add_url_rule("/login/logout", "logout", sessions.confirm)
    routes.add_url_rule("/login/logout", "do_logout", sessions.submit, methods=["POST"])
    routes.add_url_rule("/login/signed-out", "signed_out", sessions.signed_out)
    add(routes, recovery, limit=limit)
    return routes
