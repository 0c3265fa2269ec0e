"""Which issuer and tenant is this request for? Answered before any database session exists.

From the path alone: `/t/<slug>/...` is the tenant's own issuer, everything else the platform's.
Never from a Host header: every URL we make begins with the configured issuer.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from authserver.core.problems import NotFound
from authserver.core.web import ISSUER
from authserver.tenants.snapshot import TenantSnapshot

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_WELL_KNOWN = "/.well-known/"


@dataclass(frozen=True)
class Issuer:
    """An issuer identifier (RFC 8414 section 2) and the tenant that owns it, if one does."""

    url: str
    tenant: TenantSnapshot | None = None

    @property
    def tenant_id(self) -> str | None:
        """Return the owner's id, None for the platform's issuer."""
        return self.tenant.id if self.tenant else None


def tenant_issuer(platform_url: str, slug: str) -> str:
    """Return the URL of a tenant's own issuer."""
    return f"{platform_url}/t/{slug}"


class Resolve:
    """WSGI middleware that puts the issuer into the environment and strips its path."""

    def __init__(
        self,
        app: "WSGIApplication",
        platform: Issuer,
        find: Callable[[str], TenantSnapshot | None],
    ) -> None:
        """Take the platform's issuer and what finds a tenant by slug."""
        self._app = app
        self._platform = platform
        self._find = find

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Pass the request on with its issuer. Raises NotFound for an issuer that is not there."""
        slug, path = _split(environ["PATH_INFO"])
        if slug is None:
            environ[ISSUER] = self._platform
        else:
            tenant = self._find(slug)
            if tenant is None or not tenant.own_issuer or tenant.suspended:
                raise NotFound("There is nothing here.", detail=f"no issuer for slug {slug!r}")
            environ[ISSUER] = Issuer(tenant_issuer(self._platform.url, slug), tenant)
            environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/t/{slug}"
            environ["PATH_INFO"] = path
        return self._app(environ, start_response)


def _split(path: str) -> tuple[str | None, str]:
    """Return slug and remaining path.

    Discovery comes in two forms: OpenID Connect appends to the issuer, RFC 8414 section 3.1
    inserts before its path. Both end up as the same path of the same issuer.
    """
    if "/t/" not in path:
        return None, path
    head, _, rest = path.partition("/t/")
    slug, slash, tail = rest.partition("/")
    if not slug or not _is_slug(slug):
        return None, path
    if head == "":
        return slug, f"/{tail}"
    document = head.removeprefix(_WELL_KNOWN)
    if head != document and "/" not in document and not slash:
        return slug, head
    return None, path


def _is_slug(text: str) -> bool:
    return text.isascii() and text.replace("-", "").isalnum() and text == text.lower()
