"""/console/tenants/<id>/settings: language, formats and looks of a tenant, with a live preview."""

import re
from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.tenancy.settings import SettingsShown
from authserver.admin.api.tenants import TenantShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.details import Detail, Fact, Section
from authserver.admin.console.parts.fields import Field, Form, Kind
from authserver.admin.console.parts.lists import Action
from authserver.admin.console.parts.values import Code
from authserver.admin.console.screen import Screen, Tab
from authserver.settings import LANGUAGES

_NAMES = {"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español"}
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_ANY = "#000000"  # a script puts what is chosen in its place


Here = dict[str, Any]


class SettingScreens:
    """Screens about how a tenant's pages and mails are."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        one = "/tenants/<tenant_id>/settings"
        tab = Tab("tenant", _l("Settings"))
        return (
            Screen(one, "settings", self.show, "read_settings", tab=tab, below="tenant"),
            Screen(f"{one}/formats", "change_formats", self.formats, "change_settings",
                   below="tenant"),
            Screen(f"{one}/looks", "change_looks", self.looks, "change_settings", below="tenant"),
            Screen("/tenants/<tenant_id>/logo", "change_logo", self.logo, "set_logo",
                   below="tenant"),
            Screen("/tenants/<tenant_id>/logo/remove", "remove_logo", self.no_logo, "remove_logo",
                   below="tenant"),
        )  # fmt: skip

    def show(self, tenant_id: str) -> Response:
        """Show the settings."""
        one, _version = self._read(tenant_id)
        here: Here = {"tenant_id": tenant_id}
        looks = [
            Action(_("Change"), url_for("console.change_looks", **here), "change_settings"),
            Action(_("Logo"), url_for("console.change_logo", **here), "set_logo"),
        ]
        if one.logo_id:
            gone = url_for("console.remove_logo", **here)
            looks.append(Action(_("Remove the logo"), gone, "remove_logo", "danger"))
        return self._console.show_detail(
            Detail(
                self._name(tenant_id),
                (
                    Section(
                        _("Language and formats"),
                        (
                            Fact(_("Language"), _NAMES.get(one.locale or "")),
                            Fact(_("Time zone"), one.time_zone),
                            Fact(_("Currency"), one.currency),
                            Fact(_("Dates"), date_formats().get(one.date_format or "")),
                        ),
                        actions=(
                            Action(
                                _("Change"),
                                url_for("console.change_formats", **here),
                                "change_settings",
                            ),
                        ),
                    ),
                    Section(
                        _("Looks"),
                        (
                            Fact(_("Colour"), Code(one.accent or "")),
                            Fact(_("Logo"), bool(one.logo_id)),
                            Fact(_("Website"), one.website),
                        ),
                        actions=tuple(looks),
                    ),
                ),
            )
        )

    def formats(self, tenant_id: str) -> Response:
        """Change language and formats."""
        one, version = self._read(tenant_id)
        none = {"": _("As the installation has it")}
        zones = sorted(zone for zone in available_timezones() if "/" in zone)
        form = Form(
            "change_settings",
            title=_("Language and formats"),
            lead=_("For people who have not chosen for themselves."),
            button=_("Save"),
            back=_url(tenant_id),
            path={"tenant_id": tenant_id},
            version=version,
            fields=(
                Field("locale", _("Language"), Kind.CHOICE, value=one.locale, optional=True,
                      choices=none | {name: _NAMES[name] for name in LANGUAGES}),
                Field("time_zone", _("Time zone"), Kind.CHOICE, value=one.time_zone, optional=True,
                      choices=none | {"UTC": "UTC"} | {zone: zone for zone in zones}),
                Field("currency", _("Currency"), value=one.currency, optional=True, mono=True,
                      hint=_("Three letters, for example EUR."), most=3),
                Field("date_format", _("Dates"), Kind.CHOICE, value=one.date_format, optional=True,
                      choices={"": _("As their language has it"), **date_formats()}),
            ),
        )  # fmt: skip
        return self._console.settle(form, _("The settings were saved."))

    def looks(self, tenant_id: str) -> Response:
        """Change the colour and the website, beside a preview."""
        one, version = self._read(tenant_id)
        form = Form(
            "change_settings",
            title=_("Looks"),
            lead=_("On every page on which people sign in, on their account and in every mail."),
            button=_("Save"),
            back=_url(tenant_id),
            path={"tenant_id": tenant_id},
            version=version,
            fields=(
                Field("accent", _("Colour"), Kind.COLOUR, value=one.accent, optional=True,
                      hint=_("Of buttons and links. Texts stay readable on any colour.")),
                Field("website", _("Website"), Kind.URL, value=one.website, optional=True,
                      hint=_("Your own, linked at the end of pages. It begins with https://.")),
            ),
            template="console/looks.html",
            more=self._preview(tenant_id, one),
        )  # fmt: skip
        return self._console.settle(form, _("The settings were saved."))

    def logo(self, tenant_id: str) -> Response:
        """Take a logo."""
        form = Form(
            "set_logo",
            title=_("Logo"),
            lead=_("A wide picture with a clear background looks best, 32 pixels high or more."),
            button=_("Save the logo"),
            back=_url(tenant_id),
            path={"tenant_id": tenant_id},
            fields=(
                Field("image", _("File"), Kind.FILE,
                      hint=_("PNG, JPEG or WebP, at most 512 kB.")),
            ),
        )  # fmt: skip
        return self._console.settle(form, _("The settings were saved."))

    def no_logo(self, tenant_id: str) -> Response:
        """Take the logo away."""
        form = Form(
            "remove_logo",
            title=_("Remove the logo?"),
            lead=_("Pages and mails show the first letter of the name instead."),
            button=_("Remove"),
            back=_url(tenant_id),
            path={"tenant_id": tenant_id},
            danger=True,
        )
        return self._console.settle(form, _("The settings were saved."))

    def _preview(self, tenant_id: str, one: SettingsShown) -> dict[str, object]:
        colour = one.accent if one.accent and _COLOUR.fullmatch(one.accent) else None
        logo = url_for("brand.logo", logo_id=one.logo_id, form="webp") if one.logo_id else None
        return {
            "name": self._name(tenant_id),
            "logo": logo,
            "preview_of": _sheet(_ANY),
            "preview_url": _sheet(colour) if colour else None,
        }

    def _read(self, tenant_id: str) -> tuple[SettingsShown, int]:
        return self._console.read("read_settings", SettingsShown, {"tenant_id": tenant_id})

    def _name(self, tenant_id: str) -> str:
        path = {"tenant_id": tenant_id}
        return self._console.read("read_tenant", TenantShown, path)[0].name


def date_formats() -> dict[str, str]:
    """Return how dates can be written, each with an example."""
    return {"iso": "2026-07-31", "dmy": "31/07/2026", "mdy": "07/31/2026"}


def _sheet(colour: str) -> str:
    return url_for("brand.colours", scope="preview", colour=colour[1:])


def _url(tenant_id: str) -> str:
    return url_for("console.settings", tenant_id=tenant_id)
