"""What of a person is taken and shown."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, create_model

from authserver.accounts.details.policy import FIELDS, texts_of
from authserver.accounts.models import User
from authserver.admin.rest.operation import Given, Shown
from authserver.admin.rest.paging import Page, PageQuery
from authserver.people.details import Standing as StandingNow
from authserver.people.search import Order, Standing, Wanted

MOST_ROLES = 40
Role = Annotated[str, Field(max_length=120)]
Roles = Annotated[list[Role], Field(max_length=MOST_ROLES)]


class PersonRow(Shown):
    """A person, in a list."""

    id: str
    email: str
    email_verified: bool
    name: str
    roles: tuple[str, ...]
    guest: bool
    disabled_at: datetime | None
    created_at: datetime


class PersonPage(Page[PersonRow]):
    """A page of people."""


class PersonShown(PersonRow):
    """A person. `details` are the standard claims that are known, by their names."""

    locale: str | None
    zoneinfo: str | None
    details: dict[str, str]
    phone_number_verified: bool
    has_password: bool
    password_changed_at: datetime | None
    password_change_required: bool
    password_reset_required: bool
    failed_sign_ins: int
    locked_until: datetime | None
    updated_at: datetime


class PeopleQuery(PageQuery):
    """Which people. `q` is how the address, the name, or the last name begins, and sorts by it.

    `sort`: the newest first for `created`; a minus before it turns the order round.
    """

    q: Annotated[str | None, Field(max_length=120)] = None
    state: Annotated[Standing | None, Field(strict=False)] = None
    role: Annotated[str | None, Field(max_length=120)] = None
    guest: Annotated[bool | None, Field(strict=False)] = None
    verified: Annotated[bool | None, Field(strict=False)] = None
    sort: Annotated[Order, Field(strict=False)] = Order.CREATED

    def wanted(self) -> Wanted:
        """Return who is looked for."""
        return Wanted(self.q, self.state, self.role, guest=self.guest, verified=self.verified)


class NewUser(Given):
    """An account to create. It has no password: a link is mailed, unless `mail` says no.

    `verified` is for addresses of domains that the tenant proved to be its own.
    """

    email: Annotated[str, Field(max_length=254)]
    name: Annotated[str, Field(max_length=120)]
    locale: Annotated[str | None, Field(max_length=8)] = None
    roles: Roles = Field(default_factory=list)
    verified: bool = False
    mail: bool = True


class NewGuestAccount(Given):
    """A guest account for a person of another tenant, which the caller may work in, too."""

    home_tenant_id: Annotated[str, Field(max_length=40)]
    home_user_id: Annotated[str, Field(max_length=40)]
    email: Annotated[str | None, Field(max_length=254)] = None
    name: Annotated[str | None, Field(max_length=120)] = None
    roles: Roles = Field(default_factory=list)


if TYPE_CHECKING:
    DetailsPatch = Given
else:  # made of the fields that there are
    DetailsPatch = create_model(
        "DetailsPatch",
        __base__=Given,
        __doc__="What to change of the standard claims; null takes one away.",
        **{
            field.name: (Annotated[str | None, Field(max_length=max(field.longest, 60))], None)
            for field in FIELDS
        },
    )


class UserPatch(Given):
    """What to change of a person; what is not sent stays, null takes it away (RFC 7396).

    A phone number that changes counts as not verified, unless it is said to be.
    """

    name: Annotated[str, Field(max_length=120)] = ""
    locale: Annotated[str | None, Field(max_length=8)] = None
    zoneinfo: Annotated[str | None, Field(max_length=64)] = None
    details: DetailsPatch | None = None
    phone_number_verified: bool | None = None

    def told(self) -> dict[str, str]:
        """Return the texts that were sent, empty for null. `details: null` takes all away."""
        sent = self.model_fields_set & {"name", "locale", "zoneinfo"}
        told = {name: getattr(self, name) or "" for name in sent}
        if "details" not in self.model_fields_set:
            return told
        if self.details is None:
            return told | {field.name: "" for field in FIELDS}
        given = self.details.model_fields_set
        return told | {name: getattr(self.details, name) or "" for name in given}


class NewRoles(Given):
    """The roles that a person is to have, all of them."""

    roles: Roles


class Reason(Given):
    """Why something is done to somebody's account, and how it is known who asks."""

    reason: Annotated[str, Field(min_length=1, max_length=200)]


def row(user: User, roles: tuple[str, ...] = ()) -> PersonRow:
    """Return a person as lists show them."""
    return PersonRow(**_of(user, roles))


def person(found: StandingNow) -> PersonShown:
    """Return a person with all that is said of them."""
    user, profile = found.user, found.profile
    return PersonShown(
        **_of(user, found.roles),
        locale=user.locale,
        zoneinfo=user.zoneinfo,
        details={name: text for name, text in texts_of(user.details).items() if text},
        phone_number_verified=bool(profile.phone_verified),
        has_password=user.password_hash is not None,
        password_changed_at=user.password_changed_at,
        password_change_required=user.password_change_required,
        password_reset_required=user.password_reset_required,
        failed_sign_ins=found.failures.count,
        locked_until=found.failures.locked_until,
        updated_at=user.updated_at,
    )


def _of(user: User, roles: tuple[str, ...]) -> dict[str, Any]:
    return {
        "id": user.id,
        "email": user.email,
        "email_verified": user.email_verified,
        "name": user.name,
        "roles": roles,
        "guest": user.home_user_id is not None,
        "disabled_at": user.disabled_at,
        "created_at": user.created_at,
    }
