"""What can be asked, as data; and one call of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pydantic import BaseModel, ConfigDict

from authserver.admin.caller import Caller
from authserver.core.database.engine import Transaction
from authserver.core.web import MAX_BODY, Streamed
from authserver.roles.catalogue import Permission

# The kind of id that each part of a path is: one of another kind is no match. "" is a name.
IDS = {
    "tenant_id": "ten",
    "user_id": "usr",
    "client_id": "cli",
    "session_id": "ses",
    "identity_id": "fid",
    "invitation_id": "inv",
    "job_id": "job",
    "secret_id": "sec",
    "server_id": "rsv",
    "token_id": "ini",
    "connection": "",
    "api_key_id": "apk",
    "role": "",
    "limit": "",
    "flag": "",
    "domain": "",
    "event_id": "evt",
    "webhook_id": "whe",
    "delivery_id": "whd",
    "export_id": "tex",
    "erasure_id": "era",
}


class Given(BaseModel):
    """What a caller sends: nothing that is not declared, no value of another type."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class Shown(BaseModel):
    """What a caller gets: declared field by field, never a row."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Does(Enum):
    """What an operation does to what is stored."""

    READ = "read"
    CREATE = "create"
    CHANGE = "change"


class Where(Enum):
    """Where an operation works, and so for whom it is there.

    PLATFORM: nowhere in particular; for callers of internal tenants. TENANT: in the tenant that the
    path names, which the caller must be of or have opened; anything else is not found. VIEW: the
    same, and the platform sees it without opening.
    """

    PLATFORM = "platform"
    TENANT = "tenant"
    VIEW = "view"


@dataclass(frozen=True)
class Reply:
    """What a handler answers. `version` becomes the ETag of what is shown.

    `after` is done when the transaction is over: what waits for the network, such as a picture.
    `file` is sent in the place of content.
    """

    content: Shown | None = None
    version: int | None = None
    location: str | None = None
    after: Callable[[], object] | None = None
    file: Streamed | None = None


@dataclass(frozen=True)
class Call:
    """One call, let through; everything in it was checked. `version` is what If-Match names.

    `found` is what the operation asked others about it before.
    """

    caller: Caller
    path: Mapping[str, str]
    query: Any
    body: Any
    version: int | None
    found: Any = None


Handler = Callable[[Transaction, Call], Reply]
# Reads what it needs, and returns what is to be asked of others while no transaction is open.
Before = Callable[[Transaction, Call], Callable[[], object]]


def later(job: Callable[[Call], object]) -> Before:
    """Return what does a job that needs nothing of the database, before the transaction."""
    return lambda _view, call: lambda: job(call)


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked.

    `path` has its parts in braces, each one of IDS. The permission None is for every caller who is
    known; `also` are further ones that it takes. `sensitive`: people are asked to sign in again
    before. `before` does what takes its time (a picture, the DNS, a provider), and the handler has
    it as `call.found`. `alias` is its name where one handler has several. `largest`: of the body,
    in bytes. `gives` is the media type of a file that it answers with.
    """

    method: str
    path: str
    does: Does
    permission: Permission | None
    handler: Handler
    summary: str
    tag: str
    where: Where = Where.TENANT
    query: type[Given] | None = None
    body: type[Given] | None = None
    shows: type[Shown] | None = None
    sensitive: bool = False
    also: tuple[Permission, ...] = ()
    before: Before | None = None
    alias: str = ""
    largest: int = MAX_BODY
    gives: str = ""

    def __post_init__(self) -> None:
        """Refuse a path that names no tenant to work in, and parts whose kind nobody knows."""
        names = [part[1:-1] for part in self.path.split("/") if part.startswith("{")]
        if self.where is not Where.PLATFORM and names[:1] != ["tenant_id"]:
            raise ValueError(f"{self.path}: in which tenant?")
        if not IDS.keys() >= set(names):
            raise ValueError(f"{self.path}: name the kinds of its ids in IDS")

    @property
    def status(self) -> int:
        """Return the status of success."""
        if self.shows is None:
            return 200 if self.gives else 204
        return 201 if self.does is Does.CREATE else 200

    @property
    def name(self) -> str:
        """Return the operation's id in the document."""
        return self.alias or self.handler.__name__
