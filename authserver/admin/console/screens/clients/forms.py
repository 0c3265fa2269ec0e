"""The fields of a client's forms, by its kind: the same when it is new and when it is changed."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from authserver.admin.api.clients.shown import ClientShown
from authserver.admin.console.parts.fields import Field, Heading, Kind
from authserver.admin.console.parts.present import Present
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
    usual = {"scopes": list(rule.usual_scopes), "auth_method": "client_secret_basic"}
    has = Present(one, usual)
    return (
        has.text("name", _("Name"), _("As people see it."), most=120),
        *((_redirects(has),) if rule.redirects else ()),
        Heading(_("What it may ask for")),
        has.lines(
            "scopes",
            _("Scopes"),
            _("One a line. A scope of the administration API is the name of a permission."),
        ),
        has.lines("audiences", _("Audiences"), _("One a line: the APIs that its tokens are for.")),
        Heading(_("How it calls")),
        *_methods(kind, one),
        *_calling(has),
        *(_people(has) if rule.has_people else ()),
    )


def own_issuer() -> Field:
    """Return the field that puts a new client at the tenant's own issuer, for good."""
    label = _("At the organization's own issuer")
    hint = _("It then works there alone. This stays for good.")
    return Present().tick("at_tenant_issuer", label, hint)


def _redirects(has: Present) -> Field:
    return has.lines(
        "redirect_uris",
        _("Redirect URIs"),
        _("One a line, compared letter by letter: where people come back to."),
    )


def _methods(kind: str, one: ClientShown | None) -> tuple[Field, ...]:
    """Return by what it proves who it is: nothing for what cannot, or has no choice yet."""
    if AuthMethod.NONE in KINDS[kind].auth_methods or (one is None and kind not in MACHINES):
        return ()
    present = one.auth_method if one else "client_secret_basic"
    hint = _("With private_key_jwt it has no secret; say in the metadata where its keys are.")
    choices = {**METHODS, present: present}
    label = _("How it proves who it is")
    return (Field("auth_method", label, Kind.CHOICE, hint, value=present, choices=choices),)


def _calling(has: Present) -> tuple[Field, ...]:
    """Return from where and how often it calls, and how long what it gets is good for."""
    return (
        has.lines(
            "ip_allowlist",
            _("Addresses"),
            _("One network a line, such as 203.0.113.0/24. Empty: it may call from anywhere."),
        ),
        has.mono(
            "rate",
            _("Rate limit"),
            _(
                "Token requests, such as 60/minute. Empty: that of the tier alone. Only who"
                " administers organizations raises it."
            ),
            optional=True,
            most=32,
        ),
        has.number(
            f"{OPTIONS}access_token_seconds",
            _("Life of its access tokens, in seconds"),
            _("Empty: as its kind has it. Never longer than that."),
            optional=True,
        ),
    )


def _people(has: Present) -> Fields:
    return (
        Heading(_("What people see")),
        has.tick(
            "first_party",
            _("Do not ask people for consent"),
            _("For applications of the organization itself."),
        ),
        has.link("policy_uri", _("Privacy policy")),
        has.link("tos_uri", _("Terms of service")),
        has.link(
            f"{OPTIONS}logo_uri",
            _("Logo"),
            _("https: a PNG, JPEG or WebP picture. It is fetched once and kept here."),
        ),
        *_signing_out(has),
    )


def _signing_out(has: Present) -> Fields:
    return (
        has.lines(
            f"{OPTIONS}post_logout_redirect_uris",
            _("Where people come back to after they signed out"),
        ),
        has.link(
            f"{OPTIONS}backchannel_logout_uri",
            _("Who is told when somebody signs out"),
            _("Its server gets a logout token at this address."),
        ),
        has.link(
            f"{OPTIONS}initiate_login_uri",
            _("Where it begins a sign-in itself"),
            _("People then open it from their list of applications."),
        ),
    )


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
