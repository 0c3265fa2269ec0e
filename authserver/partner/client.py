"""/partner/client: one client: its use, its refusals and why, its secrets, its addresses."""

from dataclasses import dataclass

from flask import request, url_for
from flask_babel import format_decimal
from werkzeug.wrappers import Response

from authserver.account.views import Moment, Pages, moment
from authserver.admin.api.clients.refused import RefusedAddresses, RefusedAddressShown
from authserver.admin.api.clients.shown import AddressShown, ClientShown, SecretList, SecretShown
from authserver.admin.api.usage import UsageShown
from authserver.admin.console.asking import Asking
from authserver.admin.console.visitor import caller
from authserver.partner.figures import busy, use
from authserver.usage.policy import Period

ABOUT = "about"


@dataclass(frozen=True)
class SecretView:
    """A secret that works, as its owners may recognise it."""

    id: str
    made: Moment
    ends: Moment | None


def path_of() -> dict[str, str]:
    """Return the client that the page is about; the operation looks whether there is one."""
    return {"tenant_id": caller().tenant_id, "client_id": request.values.get(ABOUT, "")}


def client_url(client_id: str) -> str:
    """Return where a client's page is."""
    return url_for("partner.partner_client", about=client_id)


def live(secrets: SecretList) -> list[SecretView]:
    """Return the secrets that work, newest first."""
    return [_secret(one) for one in secrets.items if one.state in {"live", "ending"}]


class ClientPageView:
    """Shows a client."""

    def __init__(self, pages: Pages, asking: Asking) -> None:
        """Take the frame, and what asks for operations."""
        self._pages = pages
        self._asking = asking

    def show(self) -> Response:
        """Show the client that `about` names. Raises NotFound."""
        path, asking = path_of(), self._asking
        client, _ = asking.read("read_client", ClientShown, path)
        secrets, _ = asking.read("list_secrets", SecretList, path)
        address, _ = asking.read("check_client_address", AddressShown, path)
        period = _period()
        refused: tuple[RefusedAddressShown, ...] = ()
        if asking.may("list_refused_addresses"):
            refused = asking.read("list_refused_addresses", RefusedAddresses, path)[0].items
        shown = None
        if asking.may("read_client_usage"):
            content = asking.ask("read_client_usage", path, given={"period": period.value}).content
            shown = use(content) if isinstance(content, UsageShown) else None
        return self._pages.render(
            "partner/client.html",
            client=client,
            use=shown,
            busy=busy(shown.bars) if shown else [],
            period=period.value,
            periods=[
                (one.value, url_for("partner.partner_client", about=client.id, period=one.value))
                for one in Period
            ],
            secrets=live(secrets),
            warning=moment(secrets.warning) if secrets.warning else None,
            address=address,
            refused_addresses=[
                (one.address, format_decimal(one.number), moment(one.last_at)) for one in refused
            ],
            may_rotate=asking.may("rotate_secret") and "secret" in client.auth_method,
            may_change=asking.may("change_client"),
            secret_url=url_for("partner.partner_secret", about=client.id),
            addresses_url=url_for("partner.partner_network", about=client.id),
            back_url=url_for("partner.partner"),
        )


def _period() -> Period:
    asked = request.args.get("period")
    return next((one for one in Period if one.value == asked), Period.DAY)


def _secret(secret: SecretShown) -> SecretView:
    ends = moment(secret.expires_at) if secret.expires_at else None
    return SecretView(secret.id, moment(secret.created_at), ends)
