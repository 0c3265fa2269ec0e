"""The part of the story about secrets that end, and the APIs of a tenant."""

from datetime import timedelta
from typing import Any

from authserver.audit.events import EventType as Type
from authserver.clients.resources.policy import NewResource
from authserver.clients.secrets import Plan
from tests.flows.entry_story import Change, EntryStory

ORDERS = NewResource("https://orders.example/", "Orders", {"orders:read": "See your orders"})


class ClientStory(EntryStory):
    """Somebody looks after the tenant's clients."""

    def _secret(self, life: timedelta | None = None) -> str:
        """Give the client a secret, its only one."""
        rotate, of = self.services.clients.rotate_secret, (self.tenant.id, self.client.id)
        row_id = []

        def job(tx: Any) -> None:
            row, _ = rotate(tx, *of, plan=Plan(life=life), actor=self.by)
            row_id.append(row.id)

        self.write(job)()
        return str(row_id[-1])

    def revoke_secret(self) -> Change:
        clients, which = self.services.clients, self._secret()
        return self.write(
            lambda tx: clients.revoke_secret(
                tx, self.tenant.id, self.client.id, secret_id=which, actor=self.by
            )
        )

    def warn(self) -> Change:
        tell = self.services.expiry.tell
        while tell():
            pass  # of what others of these tests have left
        self._secret(timedelta(days=2))
        return tell

    def api(self) -> Change:
        resources = self.services.resources
        return self.write(lambda tx: resources.create(tx, self.tenant.id, ORDERS, actor=self.by))

    def _api(self) -> str:
        self.api()()
        with self.services.database.read() as view:
            (row,) = self.services.resources.all_of(view, self.tenant.id)
            return row.id

    def change_api(self) -> Change:
        resources, which = self.services.resources, self._api()
        return self.write(
            lambda tx: resources.change(
                tx, self.tenant.id, which, changes={"name": "Shop"}, actor=self.by
            )
        )

    def delete_api(self) -> Change:
        resources, which = self.services.resources, self._api()
        return self.write(lambda tx: resources.delete(tx, self.tenant.id, which, actor=self.by))


STEPS: dict[Type, Any] = {
    Type.CLIENT_SECRET_REVOKED: ClientStory.revoke_secret,
    Type.CLIENT_SECRET_EXPIRY_TOLD: ClientStory.warn,
    Type.RESOURCE_SERVER_CREATED: ClientStory.api,
    Type.RESOURCE_SERVER_CHANGED: ClientStory.change_api,
    Type.RESOURCE_SERVER_DELETED: ClientStory.delete_api,
}
