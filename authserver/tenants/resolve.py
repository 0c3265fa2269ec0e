"""Which issuer and tenant is this request for? Answered before any database session exists.

By the path: `/t/<slug>/...` is the tenant's own issuer, everything else the platform's; or by the
host, where it is one that a tenant has proved and made its issuer. What a Host header says is only
ever compared with those: every URL we make begins with a configured issuer or a proved host.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from authserver.core.problems import NotFound
from authserver.core.web import ISSUER
from authserver.tenants.models import Tenant
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
    def has_passkeys(self) -> bool:
        """Tell whether passkeys can be used there: browsers bind one to the platform's host."""
        return self.tenant is None or self.tenant.issuer_host is None

    @property
    def tenant_id(self) -> str | None:
        """Return the owner's id, None for the platform's issuer."""
        return self.tenant.id if self.tenant else None


def tenant_issuer(platform_url: str, slug: str, host: str | None) -> str:
    """Return the URL of a tenant's own issuer: at its own host; None where it has none."""
    if host is None:
        return f"{platform_url}/t/{slug}"
    parts = urlsplit(platform_url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}"


def home_issuer(platform_url: str, tenant: Tenant) -> str:
    """Return where a tenant's people go when no request says it: its own issuer if it has one."""
    own = tenant_issuer(platform_url, tenant.slug, tenant.issuer_host)
    return own if tenant.own_issuer else platform_url


class Hosts:
    """Which tenant's issuer is at which host: of requests that are not for the platform's."""

    def __init__(
        self, platform_url: str, hosted: Callable[[], Mapping[str, TenantSnapshot]]
    ) -> None:
        """Take the platform's issuer, and what returns the tenants by their hosts, from a cache."""
        parts = urlsplit(platform_url)
        self._platform = parts.netloc
        self._port = str(parts.port or (443 if parts.scheme == "https" else 80))
        self._hosted = hosted

    def tenant_at(self, environ: "WSGIEnvironment") -> TenantSnapshot | None:
        """Return whose host a request names; None for the platform's, and for one of nobody."""
        named = environ.get("HTTP_HOST", "")
        if named == self._platform:
            return None
        host, _, port = named.partition(":")
        return self._hosted().get(host.lower()) if port in {"", self._port} else None


class Resolve:
    """WSGI middleware that puts the issuer into the environment and strips its path."""

    def __init__(
        self,
        app: "WSGIApplication",
        platform: Issuer,
        find: Callable[[str], TenantSnapshot | None],
        *,
        hosts: Hosts,
    ) -> None:
        """Take the platform's issuer and what finds a tenant by slug, or by host."""
        self._app = app
        self._platform = platform
        self._find = find
        self._hosts = hosts

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Pass the request on with its issuer. Raises NotFound for an issuer that is not there."""
        at_host = self._hosts.tenant_at(environ)
        if at_host is not None:
            environ[ISSUER] = self._own(at_host, at_host.slug)
            return self._app(environ, start_response)
        slug, path = _split(environ["PATH_INFO"])
        if slug is None:
            environ[ISSUER] = self._platform
        else:
            tenant = self._find(slug)
            if tenant is not None and tenant.issuer_host is not None:
                tenant = None  # its issuer is at its host alone: an issuer has one address
            environ[ISSUER] = self._own(tenant, slug)
            environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/t/{slug}"
            environ["PATH_INFO"] = path
        return self._app(environ, start_response)

    def _own(self, tenant: TenantSnapshot | None, slug: str) -> Issuer:
        if tenant is None or not tenant.own_issuer or tenant.suspended:
            raise NotFound("There is nothing here.", detail=f"no issuer for {slug!r}")
        return Issuer(tenant_issuer(self._platform.url, slug, tenant.issuer_host), tenant)


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
