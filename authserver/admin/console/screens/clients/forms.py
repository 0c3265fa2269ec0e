"""The fields of a client's forms, by its kind: the same when it is new and when it is changed."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from authserver.admin.api.clients.shown import ClientShown
from authserver.admin.console.parts.fields import Field, Heading, Kind
from authserver.admin.console.screens.clients.words import MACHINES, METHODS
from authserver.clients.metadata.checks import FOR_MACHINES
from authserver.clients.options import DEFAULTS, Options
from authserver.clients.policy import KINDS, AuthMethod

_ALGORITHMS = {name: name for name in ("ES256", "ES384", "RS256", "PS256", "EdDSA")}
OPTIONS = "options."
_NUMBERS = frozenset({"default_max_age", "access_token_seconds"})
# In the other form, in plain words; and what only a client brings that registers itself.
_ELSEWHERE = frozenset(
    {
        "access_token_seconds", "logo_uri", "post_logout_redirect_uris", "backchannel_logout_uri",
        "initiate_login_uri", "software_statement",
    }
)  # fmt: skip
Fields = Sequence[Field | Heading]


def fields(kind: str, one: ClientShown | None = None) -> Fields:
    """Return the fields of a client of this kind, with what it has now."""
    rule = KINDS[kind]
    usual = list(rule.usual_scopes) if one is None else []
    redirects = (_redirects(one),) if rule.redirects else ()
    return (
        Field("name", _("Name"), value=one and one.name, hint=_("As people see it."), most=120),
        *redirects,
        Heading(_("What it may ask for")),
        Field(
            "scopes",
            _("Scopes"),
            Kind.LINES,
            value=one.scopes if one else usual,
            hint=_("One a line. A scope of the administration API is the name of a permission."),
            mono=True,
        ),
        Field(
            "audiences",
            _("Audiences"),
            Kind.LINES,
            value=one and one.audiences,
            hint=_("One a line: the APIs that its tokens are for."),
            mono=True,
        ),
        *_access(kind, one),
        *(_people(one) if rule.has_people else ()),
    )


def own_issuer() -> Field:
    """Return the field that puts a new client at the tenant's own issuer, for good."""
    return Field(
        "at_tenant_issuer",
        _("At the organization's own issuer"),
        Kind.CHECK,
        hint=_("It then works there alone. This stays for good."),
    )


def _redirects(one: ClientShown | None) -> Field:
    return Field(
        "redirect_uris",
        _("Redirect URIs"),
        Kind.LINES,
        value=one and one.redirect_uris,
        hint=_("One a line, compared letter by letter: where people come back to."),
        mono=True,
    )


def _access(kind: str, one: ClientShown | None) -> Fields:
    """Return from where, how often and by what it proves who it is."""
    confidential = AuthMethod.NONE not in KINDS[kind].auth_methods
    method = Field(
        "auth_method",
        _("How it proves who it is"),
        Kind.CHOICE,
        value=one.auth_method if one else "client_secret_basic",
        choices=METHODS if one is None or one.auth_method in METHODS else
        {**METHODS, one.auth_method: one.auth_method},
        hint=_("With private_key_jwt it has no secret; say in the metadata where its keys are."),
    )  # fmt: skip
    return (
        Heading(_("How it calls")),
        *((method,) if confidential and (one is not None or kind in MACHINES) else ()),
        Field(
            "ip_allowlist",
            _("Addresses"),
            Kind.LINES,
            value=one and one.ip_allowlist,
            hint=_("One network a line, such as 203.0.113.0/24. Empty: it may call from anywhere."),
            mono=True,
        ),
        Field(
            "rate",
            _("Rate limit"),
            value=one and one.rate,
            hint=_(
                "Token requests, such as 60/minute. Empty: that of the tier alone. Only who"
                " administers organizations raises it."
            ),
            optional=True,
            mono=True,
            most=32,
        ),
        Field(
            f"{OPTIONS}access_token_seconds",
            _("Life of its access tokens, in seconds"),
            Kind.NUMBER,
            value=one and one.options.access_token_seconds,
            hint=_("Empty: as its kind has it. Never longer than that."),
            optional=True,
        ),
    )


def _people(one: ClientShown | None) -> Fields:
    return (
        Heading(_("What people see")),
        Field(
            "first_party",
            _("Do not ask people for consent"),
            Kind.CHECK,
            value=one and one.first_party,
            hint=_("For applications of the organization itself."),
        ),
        _link("policy_uri", _("Privacy policy"), one and one.policy_uri),
        _link("tos_uri", _("Terms of service"), one and one.tos_uri),
        _link(
            f"{OPTIONS}logo_uri",
            _("Logo"),
            one and one.options.logo_uri,
            hint=_("https: a PNG, JPEG or WebP picture. It is fetched once and kept here."),
        ),
        *_signing_out(one),
    )


def _signing_out(one: ClientShown | None) -> Fields:
    return (
        Field(
            f"{OPTIONS}post_logout_redirect_uris",
            _("Where people come back to after they signed out"),
            Kind.LINES,
            value=one and one.options.post_logout_redirect_uris,
            mono=True,
        ),
        _link(
            f"{OPTIONS}backchannel_logout_uri",
            _("Who is told when somebody signs out"),
            one and one.options.backchannel_logout_uri,
            hint=_("Its server gets a logout token at this address."),
        ),
        _link(
            f"{OPTIONS}initiate_login_uri",
            _("Where it begins a sign-in itself"),
            one and one.options.initiate_login_uri,
            hint=_("People then open it from their list of applications."),
        ),
    )


def _link(name: str, label: str, value: object, *, hint: str = "") -> Field:
    return Field(name, label, Kind.URL, hint=hint, value=value, optional=True, mono=True)


def metadata(one: ClientShown) -> Fields:
    """Return everything else, by the names of the IANA registry: for who knows them."""
    people = KINDS[one.kind].has_people
    named = [option.name for option in dataclasses.fields(Options)]
    shown = [name for name in named if (people or name in FOR_MACHINES) and name not in _ELSEWHERE]
    return (
        *(_algorithm(name, one) for name in ("access_token_alg", "id_token_alg")),
        *(_named(name, one.options) for name in sorted(shown, key=_order)),
    )


def _order(name: str) -> tuple[int, str]:
    kinds = (Kind.TEXT, Kind.NUMBER, Kind.LINES, Kind.CHECK)
    return kinds.index(_kind(name)), name


def _kind(name: str) -> Kind:
    default = getattr(DEFAULTS, name)
    if isinstance(default, bool):
        return Kind.CHECK
    if isinstance(default, tuple):
        return Kind.LINES
    return Kind.NUMBER if name in _NUMBERS else Kind.TEXT


def _algorithm(name: str, one: ClientShown) -> Field:
    return Field(name, name, Kind.CHOICE, value=getattr(one, name), choices=_ALGORITHMS)


def _named(name: str, values: Options) -> Field:
    kind = _kind(name)
    optional = kind in {Kind.TEXT, Kind.NUMBER}
    value = getattr(values, name)
    return Field(f"{OPTIONS}{name}", name, kind, value=value, optional=optional, mono=True)


def body(given: Mapping[str, object]) -> dict[str, object]:
    """Return the operation's body: options are an object of their own."""
    options = {
        name.removeprefix(OPTIONS): value
        for name, value in given.items()
        if name.startswith(OPTIONS)
    }
    plain: dict[str, Any] = {
        name: value for name, value in given.items() if not name.startswith(OPTIONS)
    }
    return plain | ({"options": options} if options else {})
