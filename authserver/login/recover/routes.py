"""The URLs of mailed links -> functions; part of login/routes.py."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint
from werkzeug.wrappers import Response

from authserver.login.contact.confirm import ConfirmContactPage
from authserver.login.contact.done import ContactNamedPage
from authserver.login.email.confirm import ConfirmPage
from authserver.login.email.keep import KeepPage
from authserver.login.recover.ask import AskPage
from authserver.login.recover.done import DonePage
from authserver.login.recover.new import NewPasswordPage
from authserver.login.recover.unlock import UnlockPage
from authserver.login.verify import VerifyPage

View = Callable[[], Response]


@dataclass(frozen=True)
class RecoveryPages:
    """The pages that a mailed link may lead to, and where one is asked for."""

    ask: AskPage
    new: NewPasswordPage
    done: DonePage
    unlock: UnlockPage
    verify: VerifyPage
    confirm_email: ConfirmPage
    keep_email: KeepPage
    confirm_contact: ConfirmContactPage
    contact_named: ContactNamedPage


def add(routes: Blueprint, pages: RecoveryPages, *, limit: Callable[[View], View]) -> None:
    """Add the pages to the hosted ones; `limit` guards what sends mail or takes tokens."""
    for path, name, page in (
        ("/login/recover", "recover", pages.ask),
        ("/login/recover/new", "new_password", pages.new),
        ("/login/recover/unlock", "unlock", pages.unlock),
        ("/login/verify", "verify", pages.verify),
        ("/login/email/confirm", "confirm_email", pages.confirm_email),
        ("/login/email/keep", "keep_email", pages.keep_email),
        ("/login/contact/confirm", "confirm_contact", pages.confirm_contact),
    ):
        routes.add_url_rule(path, name, page.show)
        routes.add_url_rule(path, f"submit_{name}", limit(page.submit), methods=["POST"])
    routes.add_url_rule("/login/recover/done", "recovered", pages.done.show)
    routes.add_url_rule("/login/contact/done", "contact_named", pages.contact_named.show)
