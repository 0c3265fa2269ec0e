"""Which events a call adds, and what none of them may say in clear."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select

from authserver.accounts.models import User
from authserver.audit.models import AuditEvent
from tests.support.world import PASSWORD, World

_ROWS = (AuditEvent.id, AuditEvent.type, AuditEvent.body, AuditEvent.resource)
FROM = ("127.0.0.1", "Werkzeug/")  # whoever calls in tests


class Recorder:
    """Looks at the trail of an installation, before and after."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._before = self._ids()
        self.secrets: set[str] = {PASSWORD, *FROM}

    def _ids(self) -> set[str]:
        with self._world.services.database.read() as view:
            return set(view.platform().scalars(select(AuditEvent.id)))

    @contextmanager
    def events(self) -> Iterator[list[str]]:
        """Fill the list with the types of the events that are added meanwhile."""
        before, added = self._ids(), list[str]()
        yield added
        with self._world.services.database.read() as view:
            found = view.platform().execute(select(AuditEvent.id, AuditEvent.type)).all()
        added += [row.type for row in found if row.id not in before]

    def in_clear(self) -> dict[str, set[str]]:
        """Return what is secret or personal and stands in events since the beginning.

        By what it is, the types of the events: every address and name of an account there is, and
        `secrets`.
        """
        with self._world.services.database.read() as view:
            rows = view.platform().execute(select(*_ROWS)).all()
            people = view.platform().execute(select(User.email, User.name)).all()
        new = [row for row in rows if row.id not in self._before]
        assert new
        canaries = self.secrets | {text for person in people for text in person if text}
        return {
            canary: types
            for canary in canaries
            if (
                types := {
                    row.type
                    for row in new
                    if canary.encode() in row.body or canary in (row.resource or "")
                }
            )
        }
