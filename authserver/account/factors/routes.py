"""Every page URL of the factors -> function, and what stands before it."""

from dataclasses import dataclass

from flask import Blueprint

from authserver.account.access import Access, View
from authserver.account.factors.add import AddPage
from authserver.account.factors.codes import CodesPage
from authserver.account.factors.elsewhere import Elsewhere
from authserver.account.factors.remove import RemovePage
from authserver.account.factors.rename import RenamePage
from authserver.account.factors.trust import TrustPage


@dataclass(frozen=True)
class FactorPages:
    """The pages of the second factor."""

    add: AddPage
    rename: RenamePage
    remove: RemovePage
    codes: CodesPage
    trust: TrustPage


def add(routes: Blueprint, pages: FactorPages, *, access: Access, elsewhere: Elsewhere) -> None:
    """Add the pages. Guests have none of them; what changes an app takes a fresh sign-in."""

    def fresh(view: View) -> View:
        return elsewhere.guard(access.fresh(view))

    guard = elsewhere.guard
    for name, url, page, before in (
        ("add_factor", "add", pages.add, fresh),
        ("rename_factor", "rename", pages.rename, fresh),
        ("remove_factor", "remove", pages.remove, fresh),
        ("backup_codes", "codes", pages.codes, guard),
        ("end_trust", "trust", pages.trust, guard),
    ):
        rule = f"/account/factors/{url}"
        routes.add_url_rule(rule, name, before(page.show))
        routes.add_url_rule(rule, f"change_{name}", before(page.submit), methods=["POST"])
