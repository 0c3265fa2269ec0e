"""What a file may say: made of the same values that the services take, so that it lacks nothing.

`tenants` by slug; in each its policy, and its roles, clients and connections by their names. What
is `absent: true` is taken away: a role is deleted, a client and a connection are switched off.
"""

from collections.abc import Iterable
from dataclasses import Field as DataclassField
from dataclasses import fields
from enum import Enum
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model, model_validator

from authserver.clients.options import Options
from authserver.clients.registration import Registration
from authserver.declared.reading import Read, UnfitFile
from authserver.federation.values import Connection
from authserver.tenants.models import TenantType
from authserver.tenants.policy import TenantPolicy

_OF_CLIENTS = {"tenant_id", "name", "kind", "options", "self_registered", "vouched_for"}
_OF_CONNECTIONS = {"id", "tenant_id", "name", "kind", "enabled", "label", "client_id"}


class Strict(BaseModel):
    """Nothing that is not declared, no value of another type, no input in errors."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True, frozen=True)


class Reference(Strict):
    """Where a secret is: it is never in the file itself."""

    env: Annotated[str, Field(max_length=128)] | None = None
    file: Annotated[str, Field(max_length=4096)] | None = None

    @model_validator(mode="after")
    def _one(self) -> "Reference":
        if (self.env is None) is (self.file is None):
            raise ValueError("a secret is {env: NAME} or {file: PATH}")
        return self


class RoleForm(Strict):
    """A role of a tenant's own."""

    description: str | None = None
    permissions: list[str] | None = None
    absent: bool = False


def _given(wanted: Iterable[DataclassField[Any]], of: type[Any], but: set[str]) -> dict[str, Any]:
    """Return fields that may be left out, with the types that they have where they are used."""
    hints = get_type_hints(of)
    return {
        one.name: (_lenient(hints[one.name]) | None, None) for one in wanted if one.name not in but
    }


def _lenient(hint: Any) -> Any:  # noqa: ANN401  a type
    """Let a list be a tuple, and a word one of an enumeration: YAML has neither."""
    kinds = {get_origin(hint) or hint, *(get_origin(one) or one for one in get_args(hint))}
    special = any(isinstance(one, type) and issubclass(one, Enum | tuple) for one in kinds)
    return Annotated[hint, Field(strict=False)] if special else hint


PolicyForm = create_model(
    "PolicyForm", __base__=Strict, **_given(fields(TenantPolicy), TenantPolicy, set())
)
ClientForm = create_model(
    "ClientForm",
    __base__=Strict,
    kind=(str, ...),
    enabled=(bool, True),
    absent=(bool, False),
    **_given(fields(Registration), Registration, _OF_CLIENTS),
    **_given(fields(Options), Options, set()),
)
ConnectionForm = create_model(
    "ConnectionForm",
    __base__=Strict,
    kind=(str, ...),
    label=(str, ...),
    client_id=(str, ...),
    client_secret=(Reference | None, None),
    enabled=(bool, True),
    absent=(bool, False),
    **_given(fields(Connection), Connection, _OF_CONNECTIONS),
)


class _TenantBase(Strict):
    """A tenant. Its type, and whether it has an issuer of its own, stay as they were made."""

    name: str
    type: Annotated[TenantType, Field(strict=False)]
    own_issuer: bool = False
    roles: dict[str, RoleForm] = Field(default_factory=dict)


TenantForm = create_model(
    "TenantForm",
    __base__=_TenantBase,
    policy=(PolicyForm, Field(default_factory=PolicyForm)),
    clients=(dict[str, ClientForm], Field(default_factory=dict)),  # type: ignore[valid-type]  # made above
    connections=(dict[str, ConnectionForm], Field(default_factory=dict)),  # type: ignore[valid-type]  # the same
)
FileForm = create_model(
    "FileForm",
    __base__=Strict,
    version=(Literal[1], ...),
    tenants=(dict[str, TenantForm], Field(default_factory=dict)),  # type: ignore[valid-type]  # the same
)


def check(file: Read) -> Any:  # noqa: ANN401  an instance of FileForm, which is made at run time
    """Return what the file says. Raises UnfitFile, with the line of each complaint."""
    try:
        return FileForm.model_validate(file.data)
    except ValidationError as error:
        said = [
            f"line {file.line(one['loc'])}: {'.'.join(map(str, one['loc'])) or 'the file'}:"
            f" {one['msg']}"
            for one in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise UnfitFile("\n".join(said)) from error


def given(form: BaseModel, *, but: Iterable[str] = ()) -> dict[str, Any]:
    """Return what was said of something, by name; what was not said is not there."""
    return {name: getattr(form, name) for name in form.model_fields_set - {*but}}
