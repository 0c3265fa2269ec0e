"""What surrounds every page: language, templates' common values, CSRF, rate limit, error pages."""

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from flask import Flask, g, request
from flask_babel import Babel, get_locale
from flask_limiter import Limiter
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

from authserver.core import web
from authserver.core.limits import windows
from authserver.core.problems import Problem
from authserver.login import errors
from authserver.login.brand.routes import Look
from authserver.login.forms import PageRequest, read_strictly
from authserver.sessions.cookies import CookiePolicy
from authserver.settings import LANGUAGES, Settings
from authserver.tenants.policy import Tier, attempts_a_minute
from authserver.tenants.snapshot import TenantSnapshot

View = Callable[[], Response]
_SAFE = {"GET", "HEAD", "OPTIONS"}
# Babel knows this, too, and reads 4 MB of what it knows of languages to tell it.
_RIGHT_TO_LEFT = {"ar", "fa", "he", "ur"}
_FROM_CLIENTS = {"oauth.authorize", "oauth.logout"}  # their own pages post these requests
# By version: one household or server; and one street or hosting company, which has more of all.
_OWN_PREFIX = {4: 32, 6: 64}
_NEIGHBOURS_PREFIX, _NEIGHBOURS = {4: 24, 6: 48}, 10


class Frame:
    """Joins the common behaviour of pages to Flask."""

    def __init__(
        self, settings: Settings, cookies: CookiePolicy, *, secret_keys: Sequence[bytes]
    ) -> None:
        """Take the settings, the cookies' names and the keys of the flow cookie and of forms.

        The first signs. What the others signed is good, too: a new master key ends no sign-in.
        """
        self._settings = settings
        self._cookies = cookies
        self._secret_key, *self._older_keys = secret_keys
        self.csrf = CSRFProtect()
        self.limiter = Limiter(
            key_func=_own_address,
            storage_uri=windows.storage_uri(settings.redis_url),
            key_prefix="authserver:pages:fixed-window",
            strategy="fixed-window",
        )

    def join(self, app: Flask) -> None:
        """Configure Flask and put the hooks in."""
        flow = self._cookies.flow
        app.request_class = PageRequest
        # Tidying a path up would be a 308 that sends a form, and the Host header, along.
        app.url_map.merge_slashes = False
        app.config.update(
            SECRET_KEY=self._secret_key,
            SECRET_KEY_FALLBACKS=self._older_keys,
            WTF_CSRF_SECRET_KEY=[*self._older_keys, self._secret_key],  # the last one signs
            MAX_CONTENT_LENGTH=web.MAX_BODY,
            SESSION_COOKIE_NAME=flow.name,
            SESSION_COOKIE_SECURE=flow.secure,
            SESSION_COOKIE_HTTPONLY=True,
            SESSION_COOKIE_SAMESITE="Lax",
            SESSION_COOKIE_PATH="/",
            # Bound to the flow cookie, whose secret changes at sign-in; our pages send no Referer.
            WTF_CSRF_TIME_LIMIT=None,
            WTF_CSRF_SSL_STRICT=False,
            BABEL_DEFAULT_LOCALE=self._settings.default_language,
            BABEL_TRANSLATION_DIRECTORIES="translations",
        )
        app.before_request(read_strictly)
        self.csrf.init_app(app)
        self.limiter.init_app(app)
        Babel(app, locale_selector=self._language, timezone_selector=_zone)
        app.before_request(self._refuse_cross_site)
        app.context_processor(_common)
        errors.join(app)

    def limit(self, view: View) -> View:
        """Count requests to a view by address, as many as the issuer's tenant has booked.

        Addresses beside each other, which one attacker may have all of, share ten times as many.
        """
        limited: View = self.limiter.limit(self._rate)(view)
        return self.limiter.limit(lambda: self._rate(_NEIGHBOURS), key_func=_neighbours)(limited)

    def _rate(self, times: int = 1) -> str:
        tenant = request.environ[web.ISSUER].tenant
        tier = Tier(tenant.tier) if tenant else Tier.STANDARD
        return f"{times * attempts_a_minute(tier, self._settings.login_rate)}/minute"

    def _language(self) -> str:
        """Choose by ui_locales, the person, the tenant, the browser, then the setting."""
        tenant = _tenant()
        wishes: list[str] = [
            *g.get("ui_locales", ()),
            *([g.locale] if g.get("locale") else []),
            *([tenant.locale] if tenant and tenant.locale else []),
        ]
        for wish in wishes:
            language = wish.replace("_", "-").partition("-")[0].lower()
            if language in LANGUAGES:
                return language
        default = self._settings.default_language
        return str(request.accept_languages.best_match(LANGUAGES, default))

    def _refuse_cross_site(self) -> None:
        """Refuse a form that another site posts, beside the token that it cannot know."""
        if request.method in _SAFE or request.endpoint in _FROM_CLIENTS:
            return
        site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
        parts = urlsplit(request.environ[web.ISSUER].url)
        ours = f"{parts.scheme}://{parts.netloc}"
        if site not in {None, "same-origin", "none"} or origin not in {None, "null", ours}:
            raise CrossSite(detail=f"Sec-Fetch-Site {site!r}, Origin {origin!r}")


class CrossSite(Problem):
    """A form was posted from another site."""

    status = 403
    code = "cross_site_request"
    title = "This form was not sent from our page"


def _own_address() -> str:
    return _network(_OWN_PREFIX)


def _neighbours() -> str:
    return _network(_NEIGHBOURS_PREFIX)


def _network(prefix: Mapping[int, int]) -> str:
    """Return the part of the address that a limit counts for."""
    address = ipaddress.ip_address(request.environ[web.CLIENT_ADDRESS])
    return str(ipaddress.ip_network((address, prefix[address.version]), strict=False))


def _common() -> dict[str, object]:
    locale, tenant = get_locale(), _tenant()
    return {
        "csp_nonce": web.csp_nonce(request.environ),
        "locale": str(locale or "en"),
        "text_direction": "rtl" if locale and locale.language in _RIGHT_TO_LEFT else "ltr",
        "correlation_id": request.environ[web.CORRELATION_ID],
        "tenant": tenant,
        "look": Look.of(tenant) if tenant else None,
    }


def _tenant() -> TenantSnapshot | None:
    """Return whose page it is: the client's tenant, the person's, or the issuer's."""
    found: TenantSnapshot | None = g.get("tenant") or request.environ[web.ISSUER].tenant
    return found


def _zone() -> str | None:
    """Return the time zone of the person, else of the tenant."""
    tenant = _tenant()
    zone: str | None = g.get("zone") or (tenant.time_zone if tenant else None)
    return zone
