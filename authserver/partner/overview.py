"""/partner: the partner's clients, and how much they are used."""

from dataclasses import dataclass

from flask import request, url_for
from flask_babel import format_decimal
from werkzeug.wrappers import Response

from authserver.account.views import Pages
from authserver.admin.api.clients.shown import ClientPage, ClientShown
from authserver.admin.api.usage import ShareShown, UsageShown
from authserver.admin.console.asking import Asking
from authserver.admin.console.visitor import caller

_AT_ONCE = 50


@dataclass(frozen=True)
class ClientView:
    """A client of the list."""

    id: str
    name: str
    kind: str
    disabled: bool
    url: str
    tokens: str
    refused: str


class OverviewPage:
    """Lists the clients."""

    def __init__(self, pages: Pages, asking: Asking) -> None:
        """Take the frame, and what asks for operations."""
        self._pages = pages
        self._asking = asking

    def show(self) -> Response:
        """Show a page of the list, by name."""
        path, cursor = {"tenant_id": caller().tenant_id}, request.args.get("cursor")
        given = {"limit": _AT_ONCE, **({"cursor": cursor} if cursor else {})}
        found = self._asking.ask("list_clients", path, given=given).content
        page = found if isinstance(found, ClientPage) else ClientPage(items=(), next_cursor=None)
        has_figures = self._asking.may("read_tenant_usage")
        shares = self._shares(path) if has_figures else {}
        after = page.next_cursor
        return self._pages.render(
            "partner.html",
            clients=[_view(one, shares.get(one.id)) for one in page.items],
            has_figures=has_figures,
            next_url=url_for("partner.partner", cursor=after) if after else None,
        )

    def _shares(self, path: dict[str, str]) -> dict[str, ShareShown]:
        usage, _ = self._asking.read("read_tenant_usage", UsageShown, path)
        return {share.id: share for share in usage.shares}


def _view(client: ClientShown, share: ShareShown | None) -> ClientView:
    return ClientView(
        id=client.id,
        name=client.name,
        kind=client.kind,
        disabled=client.disabled_at is not None,
        url=url_for("partner.partner_client", about=client.id),
        tokens=str(format_decimal(share.tokens if share else 0)),
        refused=str(format_decimal(share.refused)) if share and share.refused else "",
    )
