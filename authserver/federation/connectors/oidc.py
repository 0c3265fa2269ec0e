"""Any OpenID Connect provider, by discovery; Google and Entra are two of them with rules more."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from authserver.core.clock import Clock
from authserver.federation.connectors import claims as said
from authserver.federation.connectors import client, id_token
from authserver.federation.connectors.base import Answer, Callback, Start, UpstreamRefused
from authserver.federation.connectors.documents import Documents, Metadata, discover
from authserver.federation.connectors.line import Line
from authserver.federation.values import Connection, Identity, Target, Tokens

Claims = Mapping[str, object]

SCOPES = ("openid", "profile", "email")
OFFLINE = "offline_access"


@dataclass(frozen=True)
class Tools:
    """What every connector works with: the line is opened anew for each conversation."""

    clock: Clock
    documents: Documents
    open_line: Callable[[], Line]


@dataclass(frozen=True)
class Ours:
    """What we have at a provider: the connection, its secret, and the provider's base URL."""

    connection: Connection
    secret: str = field(repr=False)
    base: str


@dataclass(frozen=True)
class Proved:
    """Of whom a provider speaks: the issuer, and the claims of the ID token and of UserInfo."""

    issuer: str
    subject: str
    claims: Claims
    more: Claims


class OidcConnector:
    """Speaks OpenID Connect with the provider of a connection. Kinds of it change the last part."""

    default_scopes: tuple[str, ...] = SCOPES
    targets: tuple[Target, ...] = tuple(Target)

    def __init__(self, ours: Ours, tools: Tools) -> None:
        """Take what we have there; the base URL is the issuer."""
        self.connection, self.base = ours.connection, ours.base
        self._secret, self._tools = ours.secret, tools

    def authorization_url(self, start: Start) -> str:
        """Return where to send the browser. Raises UpstreamDown."""
        self.check_start(start)
        line = self._tools.open_line()
        line.check_open()
        metadata = self._metadata(line)
        return client.authorization_url(
            self._us(metadata),
            metadata.authorization_endpoint,
            start,
            nonce=start.nonce,
            **self.parameters(start),
        )

    def finish(self, callback: Callback) -> Answer:
        """Redeem the code and check everything. Raises UpstreamDown, UpstreamRefused."""
        line = self._tools.open_line()
        metadata = self._metadata(line)
        _check_issuer(callback.issuer, metadata, self.callback_issuer(metadata))
        answer = client.redeem(self._us(metadata), line, metadata.token_endpoint, callback=callback)
        if answer.id_token is None:
            raise UpstreamRefused("there is no ID token")
        alg, key, claims = self._verified(line, metadata, answer.id_token)
        issuer = self.issuer_of(claims, key)
        expected = id_token.Expected(
            issuer=issuer,
            client_id=self.connection.client_id,
            nonce=callback.nonce,
            access_token=answer.tokens.access_token,
            anew=callback.anew,
        )
        subject = id_token.check(claims, alg, expected, now=self._tools.clock.now())
        token = answer.tokens.access_token
        more = {} if self._is_complete(claims) else self._userinfo(line, metadata, token)
        if more and more.get("sub") != subject:
            raise UpstreamRefused("UserInfo speaks of somebody else")
        return Answer(self.identity(Proved(issuer, subject, claims, more)), answer.tokens)

    def refresh(self, refresh_token: str) -> Tokens:
        """Return new tokens. Raises UpstreamDown, UpstreamRefused."""
        line = self._tools.open_line()
        metadata = self._metadata(line)
        us, endpoint = self._us(metadata), metadata.token_endpoint
        return client.refreshed(us, line, endpoint, refresh_token=refresh_token)

    # What the kinds of it change.

    @property
    def published_issuer(self) -> str:
        """Return the issuer that the discovery document must name."""
        return self.base

    def check_start(self, start: Start) -> None:
        """Raise CannotAskAnew, if so."""

    def parameters(self, start: Start) -> dict[str, str | None]:
        """Return what the authorization request has beside what all have."""
        prompts = [word for word, wanted in self._prompts(start) if wanted]
        return {
            "prompt": " ".join(prompts) or None,
            "max_age": "0" if start.anew else None,
            "login_hint": start.login_hint,
            "ui_locales": " ".join(start.ui_locales) or None,
        }

    def scopes(self, metadata: Metadata) -> tuple[str, ...]:
        """Return what is asked for: no more than is needed, or what the connection says."""
        asked = self.connection.scopes or self.default_scopes
        offers = metadata.scopes is None or OFFLINE in metadata.scopes
        if self.connection.keeps_tokens and offers and OFFLINE not in asked:
            return (*asked, OFFLINE)
        return asked

    def callback_issuer(self, metadata: Metadata) -> str | None:
        """Return the `iss` that a response must have, None where it depends on who comes."""
        return metadata.issuer

    def issuer_of(self, _claims: Claims, _key: Claims) -> str:
        """Return the issuer that an ID token must name, and that is part of the key."""
        return self.base

    def identity(self, proved: Proved) -> Identity:
        """Return who it is."""
        profile = said.profile(proved.claims, proved.more, self.sources())
        address = profile.email.as_typed if profile.email else None
        user_name = {**proved.more, **proved.claims}.get("preferred_username")
        return Identity(
            proved.issuer,
            proved.subject,
            said.label(address, user_name, proved.subject),
            email=profile.email,
            email_verified=profile.email_verified,
            name=profile.name,
            locale=profile.locale,
            zoneinfo=profile.zoneinfo,
            groups=profile.groups,
            amr=said.methods(proved.claims.get("amr")),
        )

    def sources(self) -> dict[Target, str]:
        """Return which claim is read for what: its own name, or what the connection says."""
        return said.sources(self.connection.claims, self.targets)

    def asks_userinfo(self) -> tuple[Target, ...]:
        """Return for what UserInfo is asked if the ID token does not say it."""
        groups = self.connection.group_roles or Target.GROUPS in self.connection.claims
        return (Target.EMAIL, Target.NAME, *((Target.GROUPS,) if groups else ()))

    # What all have in common.

    def _prompts(self, start: Start) -> list[tuple[str, bool]]:
        # OpenID Connect Core section 11: offline access is given where consent was asked for.
        return [("login", start.anew), ("consent", self.connection.keeps_tokens)]

    def _metadata(self, line: Line) -> Metadata:
        return discover(self._tools.documents, line, self.base, issuer=self.published_issuer)

    def _us(self, metadata: Metadata) -> client.Us:
        return client.Us(
            self.connection.client_id,
            self._secret,
            " ".join(self.scopes(metadata)),
            client.auth_method(metadata.auth_methods, self._secret),
        )

    def _verified(
        self, line: Line, metadata: Metadata, token: str
    ) -> tuple[str, Mapping[str, object], Claims]:
        """Return what `id_token.verified` does; for an unknown key the set is read once more."""
        documents, url = self._tools.documents, metadata.jwks_uri
        try:
            return id_token.verified(token, documents.read(line, url), metadata.algorithms)
        except id_token.UnknownKey:
            newer = documents.read_again(line, url)
        try:
            return id_token.verified(token, newer, metadata.algorithms)
        except id_token.UnknownKey as error:
            raise UpstreamRefused("no published key has signed the ID token") from error

    def _is_complete(self, claims: Claims) -> bool:
        read = self.sources()
        return all(read[target] in claims for target in self.asks_userinfo())

    def _userinfo(self, line: Line, metadata: Metadata, access_token: str) -> Claims:
        """Return what the ID token leaves out (OpenID Connect Core section 5.3)."""
        if metadata.userinfo_endpoint is None:
            return {}
        answer = line.read_as(metadata.userinfo_endpoint, access_token)
        if answer.is_refusal:
            raise UpstreamRefused(f"UserInfo was refused with status {answer.status}")
        if "sub" not in answer.members:
            raise UpstreamRefused("UserInfo does not say of whom it speaks")
        return answer.members


def _check_issuer(said_by: str | None, metadata: Metadata, expected: str | None) -> None:
    """Compare who says to have answered (RFC 9207): whoever says it must be the one we asked."""
    if said_by is None:
        if metadata.says_iss:
            raise UpstreamRefused("the response does not say whose it is")
    elif expected is not None and said_by != expected:
        raise UpstreamRefused("the response is of another provider")
