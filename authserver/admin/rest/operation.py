"""What can be asked, as data; and one call of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pydantic import BaseModel, ConfigDict

from authserver.admin.caller import Caller
from authserver.core.database.engine import Transaction
from authserver.roles.catalogue import Permission


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


@dataclass(frozen=True)
class Reply:
    """What a handler answers. `version` becomes the ETag of what is shown."""

    content: Shown | None = None
    version: int | None = None
    location: str | None = None


@dataclass(frozen=True)
class Call:
    """One call, let through; everything in it was checked. `version` is what If-Match names."""

    caller: Caller
    path: Mapping[str, str]
    query: Any
    body: Any
    version: int | None


Handler = Callable[[Transaction, Call], Reply]


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked.

    `path` has its parts in braces, each an identifier whose prefix `ids` tells. The permission None
    is for every caller who is known. `platform`: what is asked for belongs to no tenant, and is
    there for callers of internal tenants alone.
    """

    method: str
    path: str
    does: Does
    permission: Permission | None
    handler: Handler
    summary: str
    tag: str
    query: type[Given] | None = None
    body: type[Given] | None = None
    shows: type[Shown] | None = None
    platform: bool = False
    ids: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """Return the status of success."""
        if self.shows is None:
            return 204
        return 201 if self.does is Does.CREATE else 200

    @property
    def name(self) -> str:
        """Return the operation's id in the document."""
        return self.handler.__name__
