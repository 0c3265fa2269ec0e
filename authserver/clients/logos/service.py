"""Logos are fetched, kept, replaced and found.

A client that has one without being able to show it is registered all the same: a picture is no
reason to refuse anybody. A named platform service: an id names its tenant.
"""

from sqlalchemy import delete, select

from authserver.audit.events import Actor, EventType
from authserver.clients.models import Client, ClientLogo
from authserver.clients.options import Options
from authserver.clients.service import ClientService
from authserver.core import log
from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.core.ids import new_secret
from authserver.core.images import making
from authserver.core.images.making import UnfitPicture
from authserver.core.net.fetch import Fetcher, FetchFailed, FetchRefused, FetchRequest
from authserver.core.problems import Unavailable
from authserver.tenants.models import Tenant

MAX_BYTES = 512 * 1024
_REQUEST = FetchRequest(media_types=("image/png", "image/jpeg", "image/webp"))

_log = log.get(__name__)


class Logos:
    """Keeps at most one logo of each client."""

    def __init__(
        self, database: Database, clients: ClientService, *, fetcher: Fetcher, clock: Clock
    ) -> None:
        """Take what fetches, and where logos are kept."""
        self._database = database
        self._fetcher = fetcher
        self._clients = clients
        self._clock = clock

    def follow(self, tenant_id: str, client_id: str, *, actor: Actor, again: bool = False) -> bool:
        """Let a client's logo be what its `logo_uri` shows; tell whether it has one now.

        `again` fetches what was fetched before. May wait for the network. Raises NotFound.
        """
        with self._database.read() as view:
            client = self._clients.get(view, tenant_id, client_id)
            url, kept = Options.from_json(client.options).logo_uri, client.logo_id
            of_client = select(ClientLogo.uri).where(ClientLogo.client_id == client_id)
            known = view.tenant(tenant_id).scalar(of_client)
        if url is not None and url == known and not again:
            return True
        made = self._made(tenant_id, url) if url is not None else None
        if made is None and kept is None:
            return False
        return self._database.write(
            lambda tx: self._keep(tx, tenant_id, client_id, uri=url, made=made, actor=actor)
        )

    def find(self, logo_id: str, *, tenant_id: str | None) -> bytes | None:
        """Return a logo, of one tenant where one is named, while its client may be used."""
        wanted = (
            select(ClientLogo.image)
            .join(Client, Client.logo_id == ClientLogo.id)
            .join(Tenant, Tenant.id == Client.tenant_id)
            .where(
                ClientLogo.id == logo_id,
                Client.id == ClientLogo.client_id,
                Client.disabled_at.is_(None),
                Tenant.suspended_at.is_(None),
            )
        )
        if tenant_id is not None:
            wanted = wanted.where(ClientLogo.tenant_id == tenant_id)
        with self._database.read() as view:
            return view.platform().scalar(wanted)

    def _made(self, tenant_id: str, url: str) -> bytes | None:
        try:
            fetched = self._fetcher.fetch(url, key=tenant_id, request=_REQUEST)
            return making.make(fetched.body, whole=True)
        except (FetchRefused, FetchFailed) as error:
            reason = error.reason
        except UnfitPicture as unfit:
            reason = unfit.detail or unfit.flaw.value
        except Unavailable as busy:
            reason = busy.detail
        _log.info("logo_not_taken", tenant_id=tenant_id, reason=reason)
        return None

    def _keep(
        self,
        transaction: Transaction,
        tenant_id: str,
        client_id: str,
        *,
        uri: str | None,
        made: bytes | None,
        actor: Actor,
    ) -> bool:
        client = self._clients.get(transaction, tenant_id, client_id, lock=True)
        if client.options.get("logo_uri") != uri:
            return client.logo_id is not None  # it has changed while this one was fetched
        session, before = transaction.tenant(tenant_id), client.logo_id
        session.execute(delete(ClientLogo).where(ClientLogo.client_id == client_id))
        client.logo_id = new_secret() if made else None
        if made and client.logo_id:
            row = ClientLogo(
                id=client.logo_id,
                client_id=client_id,
                uri=uri,
                image=made,
                created_at=self._clock.now(),
            )
            session.add(row)
        client.version += 1
        self._clients.changed(
            transaction,
            client,
            EventType.CLIENT_CHANGED,
            actor=actor,
            before={"logo_id": before},
            after={"logo_id": client.logo_id},
        )
        return client.logo_id is not None
