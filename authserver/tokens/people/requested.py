"""The `claims` request parameter (OpenID Connect Core section 5.5), read once and kept as a value.

What is not known here is passed over: a claim that cannot be given is no error (section 5.5.1).
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, Self

import orjson

from authserver.tokens.people.scopes import SCOPE_OF

MAX_LENGTH = 4096
_MAX_VALUES = 10
_MAX_VALUE = 320
_SUBJECT, _ACR = "sub", "acr"

Wanted = Mapping[str, tuple[Any, ...] | None]
_NONE: Wanted = MappingProxyType({})


class MalformedClaims(ValueError):  # noqa: N818  what it is, in the words of this package
    """The parameter is not what section 5.5 says."""


class RequestedClaims(NamedTuple):
    """Claims by name, each with the values of which one is wanted, or None for any.

    Of those about the sign-in only these are kept: `sub` if somebody certain is meant, and `acr`
    if one of its values is a condition.
    """

    id_token: Wanted = _NONE
    userinfo: Wanted = _NONE

    @property
    def subjects(self) -> tuple[str, ...] | None:
        """Return the subjects that the answer may be about, None for any (section 3.1.2.2)."""
        return self.id_token.get(_SUBJECT)

    @property
    def essential_acr(self) -> tuple[str, ...] | None:
        """Return the classes of which one has to be met, None for any (section 5.5.1.1)."""
        return self.id_token.get(_ACR)

    @property
    def of_person(self) -> frozenset[str]:
        """Return the standard claims that are asked for, wherever they are to go."""
        return frozenset(name for name in (*self.id_token, *self.userinfo) if name in SCOPE_OF)

    @property
    def at_userinfo(self) -> Self:
        """Return what is left to be said once the ID token is made."""
        return self._replace(id_token=_NONE) if self.id_token else self

    def to_json(self) -> dict[str, dict[str, list[Any] | None]]:
        """Return what is stored; nothing where nothing is asked for."""
        return {
            member: {name: None if of is None else list(of) for name, of in wanted.items()}
            for member, wanted in zip(self._fields, self, strict=True)
            if wanted
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Mapping[str, list[Any] | None]] | None) -> Self:
        """Read what was stored."""
        if not stored:
            return cls()
        read = {
            member: {name: None if of is None else tuple(of) for name, of in wanted.items()}
            for member, wanted in stored.items()
        }
        return cls(**read)


NOTHING = RequestedClaims()


def chosen(known: Mapping[str, Any], wanted: Wanted) -> dict[str, Any]:
    """Return the known claims that are wanted, without those of another value than is wanted."""
    return {
        name: known[name]
        for name, values in wanted.items()
        if name in known and (values is None or known[name] in values)
    }


def parse(text: str, scopes: Collection[str]) -> tuple[RequestedClaims, tuple[str, ...]]:
    """Return what is asked for, and the classes that are preferred if no parameter says it.

    A claim is for a client that may ask for the scope which opens it. Raises MalformedClaims.
    """
    document = _read(text)
    members = {name: _member(document.get(name)) for name in RequestedClaims._fields}
    asked = members["id_token"]
    claims = RequestedClaims(
        {**_about_the_sign_in(members), **_standard(asked, scopes)},
        _standard(members["userinfo"], scopes),
    )
    acr = asked.get(_ACR) or {}
    return claims, () if acr.get("essential") is True else _texts(_values(acr))


def _read(text: str) -> dict[str, Any]:
    if len(text) > MAX_LENGTH:
        raise MalformedClaims("it is too long")
    try:
        document = orjson.loads(text)
    except ValueError as error:
        raise MalformedClaims("it is not JSON") from error
    if not isinstance(document, dict):
        raise MalformedClaims("it is not a JSON object")
    return document


def _member(member: object) -> dict[str, dict[str, Any] | None]:
    """Return the claims that one member asks for (section 5.5.1: null or an object)."""
    if member is None:
        return {}
    if not isinstance(member, dict):
        raise MalformedClaims("a member is not an object")
    for asked in member.values():
        if asked is not None and not isinstance(asked, dict):
            raise MalformedClaims("a claim is asked for with null or an object")
        if asked and not isinstance(asked.get("values", []), list):
            raise MalformedClaims("'values' is not a list")
    return member


def _about_the_sign_in(
    members: Mapping[str, Mapping[str, dict[str, Any] | None]],
) -> dict[str, tuple[Any, ...]]:
    found = {}
    for member in (members["userinfo"], members["id_token"]):
        subjects = _values(member.get(_SUBJECT) or {})
        if subjects is not None:
            found[_SUBJECT] = _texts(subjects)
    acr = members["id_token"].get(_ACR) or {}
    values = _values(acr)
    if acr.get("essential") is True and values is not None:
        found[_ACR] = _texts(values)
    return found


def _standard(
    member: Mapping[str, dict[str, Any] | None], scopes: Collection[str]
) -> dict[str, tuple[Any, ...] | None]:
    return {
        name: _values(asked or {}) for name, asked in member.items() if SCOPE_OF.get(name) in scopes
    }


def _values(asked: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Return the values of which one is wanted; None where any is welcome."""
    if "value" not in asked and "values" not in asked:
        return None
    values = [asked["value"]] if "value" in asked else asked["values"]
    if len(values) > _MAX_VALUES:
        raise MalformedClaims(f"a claim has more than {_MAX_VALUES} values")
    return tuple(value for value in values if _is_comparable(value))


def _is_comparable(value: object) -> bool:
    """Tell whether a claim of ours may have the value: PostgreSQL, too, has no NUL."""
    if isinstance(value, str):
        return len(value) <= _MAX_VALUE and "\0" not in value
    return isinstance(value, bool | int)


def _texts(values: tuple[Any, ...] | None) -> tuple[str, ...]:
    return tuple(value for value in values or () if isinstance(value, str))
