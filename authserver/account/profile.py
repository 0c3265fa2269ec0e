"""/account/profile: name, language, time zone, and what else a person may say of themselves."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import refresh
from werkzeug.wrappers import Response

from authserver.account.access import visitor
from authserver.account.email import Change
from authserver.account.views import Pages, moment
from authserver.accounts import profiles
from authserver.accounts.details.policy import BY_NAME, FIELDS, Texts
from authserver.accounts.profiles import Profile, Profiles, UnfitProfile, Wrong
from authserver.core.database.engine import Database
from authserver.links.service import OpenChange

# Each in its own words: who cannot read the page's language finds theirs.
LANGUAGES = (("en", "English"), ("de", "Deutsch"), ("fr", "Français"), ("es", "Español"))


Waiting = Callable[[str, str], OpenChange | None]


@dataclass(frozen=True)
class Typed:
    """What stands in the fields: as it is kept, or as it was just typed."""

    name: str
    locale: str
    zoneinfo: str
    details: Texts


class ProfilePage:
    """Shows the profile and keeps what the person changes."""

    def __init__(
        self, pages: Pages, profiles: Profiles, database: Database, *, waiting: Waiting
    ) -> None:
        """Take what keeps profiles, and what knows of a change of the address."""
        self._pages = pages
        self._profiles = profiles
        self._database = database
        self._waiting = waiting

    def show(self) -> Response:
        """Show the form with what is kept."""
        kept = visitor().person.profile
        typed = Typed(kept.name, kept.locale or "", kept.zoneinfo or "", kept.details)
        return self._page(typed)

    def submit(self) -> Response:
        """Keep what was typed, or say what is wrong with it."""
        form = request.form
        typed = Typed(
            form.get("name", ""),
            form.get("locale", ""),
            form.get("zoneinfo", "").strip(),
            {name: form.get(name, "") for name in BY_NAME},
        )
        try:
            profile = profiles.checked(
                typed.name, typed.locale, typed.zoneinfo, details=typed.details
            )
        except UnfitProfile as unfit:
            return self._page(typed, wrong=unfit.found, status=unfit.status)
        if self._keep(profile):
            g.locale = profile.locale
            refresh()  # what follows is said in the language that was just chosen
            flash(_("Your profile was saved."))
        return redirect(url_for("account.profile"), code=303)

    def _keep(self, profile: Profile) -> bool:
        who = visitor()
        return self._database.write(
            lambda transaction: self._profiles.change(
                transaction, who.tenant_id, user_id=who.id, profile=profile, actor=who.actor
            )
        )

    def _page(self, typed: Typed, *, wrong: tuple[str, ...] = (), status: int = 200) -> Response:
        said: dict[str, str] = {
            **{name: _(one.unfit, most=one.longest) for name, one in BY_NAME.items()},
            Wrong.NAME: _("Enter a name of 1 to 120 characters, without control characters."),
            Wrong.LOCALE: _("Choose one of the languages of the list."),
            Wrong.ZONE: _("Choose one of the time zones of the list, for example Europe/Berlin."),
        }
        who = visitor()
        waiting = self._waiting(who.tenant_id, who.id)
        return self._pages.render(
            "account/profile.html",
            status=status,
            typed=typed,
            refused=bool(wrong),
            errors={name: text if name in wrong else "" for name, text in said.items()},
            fields=FIELDS,
            details_open=any(typed.details.values()) or not set(wrong) <= set(Wrong),
            languages=LANGUAGES,
            zones=list(profiles.zones().values()),
            person=who.person,
            waiting=waiting and Change(waiting.email, moment(waiting.expires_at)),
            email_url=url_for("account.email"),
            picture_url=url_for("account.picture"),
        )
