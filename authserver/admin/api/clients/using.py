"""What helps to use a client: programs to paste, whether an address may call, and a trial."""

from collections.abc import Sequence
from dataclasses import dataclass

from authserver.admin.api.clients.given import AddressQuery, SnippetsQuery, TrialGiven
from authserver.admin.api.clients.registry import ONE, TAG
from authserver.admin.api.clients.shown import (
    AddressShown,
    Snippet,
    SnippetList,
    TrialShown,
    TrialStep,
)
from authserver.admin.rest.operation import Call, Does, Operation, Reply
from authserver.admin.rest.problems import UnfitFields
from authserver.clients.models import Client
from authserver.clients.service import ClientService
from authserver.clients.snippets.service import LANGUAGES, programs
from authserver.core.database.engine import Transaction
from authserver.core.net import addresses as net
from authserver.oauth.token.trial import Trial, Trials
from authserver.roles.catalogue import Permission
from authserver.tenants.models import Tenant
from authserver.tenants.resolve import tenant_issuer


@dataclass(frozen=True)
class Using:
    """Operations that change nothing. `platform` is the URL of the platform's issuer."""

    clients: ClientService
    trials: Trials
    platform: str

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        read = Permission.CLIENTS_READ
        return (
            Operation(
                "GET", f"{ONE}/address", Does.READ, read, self.check_client_address,
                "Say whether the client may call from an address", TAG, query=AddressQuery,
                shows=AddressShown,
            ),
            Operation(
                "GET", f"{ONE}/snippets", Does.READ, read, self.list_client_snippets,
                "Return programs that get a token for the client", TAG, query=SnippetsQuery,
                shows=SnippetList,
            ),
            Operation(
                "POST", f"{ONE}/test", Does.READ, read, self.try_client,
                "Try what a token request of the client would end in; the token is not given", TAG,
                body=TrialGiven, shows=TrialShown,
            ),
        )  # fmt: skip

    def check_client_address(self, transaction: Transaction, call: Call) -> Reply:
        """Return whether an address is on the client's list, or there is none."""
        client = self.clients.get(transaction, call.path["tenant_id"], call.path["client_id"])
        text = call.query.address or call.caller.actor.address
        address = _address(text)
        networks = net.parse_networks(client.ip_allowlist)
        holding = [str(one) for one in networks if net.contains([one], address)]
        content = AddressShown(
            address=str(address),
            allowed=not networks or bool(holding),
            network=next(iter(holding), None),
            ip_allowlist=tuple(client.ip_allowlist),
        )
        return Reply(content)

    def list_client_snippets(self, transaction: Transaction, call: Call) -> Reply:
        """Return the programs that there are for this kind of client."""
        client = self.clients.get(transaction, call.path["tenant_id"], call.path["client_id"])
        wanted = (call.query.language,) if call.query.language else LANGUAGES
        found = programs(client, self._issuer(transaction, client), wanted)
        items = tuple(Snippet(language=p.language, title=p.title, code=p.code) for p in found)
        return Reply(SnippetList(items=items))

    def try_client(self, transaction: Transaction, call: Call) -> Reply:
        """Return which checks a request passes, and the claims of the token."""
        client = self.clients.get(transaction, call.path["tenant_id"], call.path["client_id"])
        asked: TrialGiven = call.body
        address = str(_address(asked.address or call.caller.actor.address))
        outcome = self.trials.run(
            client.id,
            Trial(address, tuple(asked.scopes), asked.audience),
        )
        content = TrialShown(
            granted=outcome.claims is not None,
            steps=tuple(
                TrialStep(name=step.name, passed=step.reason is None, reason=step.reason)
                for step in outcome.steps
            ),
            expires_in=outcome.expires_in,
            claims=outcome.claims,
        )
        return Reply(content)

    def _issuer(self, transaction: Transaction, client: Client) -> str:
        """Return the URL of the one issuer where the client is at home."""
        if not client.at_tenant_issuer:
            return self.platform
        tenant = transaction.tenant(client.tenant_id).get_one(Tenant, client.tenant_id)
        return tenant_issuer(self.platform, tenant.slug, tenant.issuer_host)


def _address(text: str) -> net.Address:
    try:
        return net.parse_address(text)
    except net.InvalidAddress as error:
        refused = {"field": "address", "code": "address", "message": "Not an IP address"}
        raise UnfitFields([refused]) from error
