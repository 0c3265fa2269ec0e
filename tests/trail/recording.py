"""Which events a call adds, and what none of them may say in clear."""

import orjson
from sqlalchemy import func, select

from authserver.accounts.models import User
from authserver.audit.models import AuditEvent
from tests.support.world import PASSWORD, World

_ROWS = (AuditEvent.id, AuditEvent.type, AuditEvent.body, AuditEvent.resource)
# What answers call what nobody sees again.
SHOWN_ONCE = {
    "access_token", "client_secret", "device_code", "id_token", "key", "refresh_token",
    "registration_access_token", "secret", "token", "user_code",
}  # fmt: skip
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

    def count(self) -> int:
        """Return how many events there are."""
        with self._world.services.database.read() as view:
            return view.platform().scalar(select(func.count(AuditEvent.id))) or 0

    def heard(self, answer: bytes) -> None:
        """Take the secrets of an answer that is JSON: they are canaries, too."""
        try:
            document = orjson.loads(answer)
        except orjson.JSONDecodeError:
            return
        if isinstance(document, dict):
            found = {document[name] for name in SHOWN_ONCE & document.keys()}
            self.secrets |= {value for value in found if isinstance(value, str)}

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
