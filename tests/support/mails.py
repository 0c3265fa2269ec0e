"""The mails of an installation, rendered as the worker renders them, and the links in them."""

import re
from collections.abc import Callable
from email.message import EmailMessage
from functools import lru_cache
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, select

from authserver.delivery.mail import Renderer
from authserver.delivery.models import OutboxMessage
from authserver.delivery.outbox import open_content
from authserver.tenants.brands import Brands
from tests.support.world import World

_LINK = re.compile(r"https?://\S+token=\S+")


def mails(world: World, user_id: str, template: str = "") -> list[EmailMessage]:
    """Return the mails to an account, oldest first."""
    return _rendered(world, OutboxMessage.user_id == user_id, template)


def mails_to(world: World, address: str, tenant_id: str) -> list[EmailMessage]:
    """Return the mails of a tenant to an address, with or without an account, oldest first."""
    found = _rendered(world, OutboxMessage.tenant_id == tenant_id)
    return [mail for mail in found if mail["To"] == address]


def link_in(mail: EmailMessage) -> str:
    """Return the one URL with a token in a mail."""
    (link,) = _LINK.findall(text_of(mail))
    return str(link)


def _rendered(
    world: World, criterion: ColumnElement[bool], template: str = ""
) -> list[EmailMessage]:
    wanted = select(OutboxMessage).where(criterion).order_by(OutboxMessage.id)
    render = _renderer(world)
    with world.services.database.read() as view:
        return [
            render(row.id, row.template, row.content, row.tenant_id)
            for row in view.platform().scalars(wanted)
            if template in {"", row.template}
        ]


@lru_cache(8)
def _renderer(world: World) -> Callable[[str, str, bytes, str | None], EmailMessage]:
    """Return what renders each mail once, as the worker does: tests look again and again."""
    issuer = world.services.settings.issuer
    brands = Brands(world.services.database, platform_url=issuer)
    render = Renderer(issuer, clock=world.clock, brand_of=brands.of)

    @lru_cache(256)
    def rendered(id_: str, template: str, content: bytes, tenant_id: str | None) -> EmailMessage:
        opened = open_content(id_, content, world.services.keyring)
        return render(id_, template, opened, tenant_id=tenant_id)

    return rendered


def text_of(mail: EmailMessage) -> str:
    """Return the body for programs without HTML."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def links(world: World, user_id: str, template: str = "new_password") -> list[str]:
    """Return the URLs with tokens in the mails to an account, oldest first."""
    return [
        link for mail in mails(world, user_id, template) for link in _LINK.findall(text_of(mail))
    ]


def path_of(url: str) -> str:
    """Return a URL's path and query, for a browser of tests."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"
