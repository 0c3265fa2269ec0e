"""What may happen between an invitation and its acceptance."""

from collections.abc import Callable

from sqlalchemy import update

from authserver.invitations.models import Invitation
from tests.support.joining import Guestbook


def write(book: Guestbook, job: Callable[[object], object]) -> None:
    book.world.services.database.write(job)
    book.world.services.watch.changed()


def disabled(book: Guestbook) -> None:
    services = book.world.services
    write(
        book,
        lambda tx: services.accounts.set_enabled(
            tx, book.tenant.id, user_id=book.admin.id, enabled=False, actor=book.actor()
        ),
    )


def given(*roles: str) -> Callable[[Guestbook], None]:
    def happens(book: Guestbook) -> None:
        services = book.world.services
        write(
            book,
            lambda tx: services.roles.set_roles(
                tx, book.tenant.id, book.admin.id, roles=roles, actor=book.actor()
            ),
        )

    return happens


def suspended(book: Guestbook) -> None:
    tenants = book.world.services.tenants
    write(book, lambda tx: tenants.suspend(tx, book.tenant.slug, book.actor()))


def changed(**values: object) -> Callable[[Guestbook], None]:
    def happens(book: Guestbook) -> None:
        statement = update(Invitation).where(Invitation.tenant_id == book.tenant.id)
        write(book, lambda tx: tx.platform().execute(statement.values(**values)))

    return happens


def revoked(book: Guestbook) -> None:
    with book.world.services.database.read() as view:
        (entry,) = book.world.services.mailed.invitations.entries(view, book.tenant.id)
    book.change("revoke", entry.id)


def resent(book: Guestbook) -> None:
    with book.world.services.database.read() as view:
        (entry,) = book.world.services.mailed.invitations.entries(view, book.tenant.id)
    book.change("resend", entry.id)


def account_made(book: Guestbook) -> None:
    book.world.user(book.tenant, email=book.email.upper().replace("EXAMPLE", "example"))


MEANWHILE: dict[str, Callable[[Guestbook], None]] = {
    "the inviter was disabled": disabled,
    "the inviter has no roles": given(),
    "the inviter may see only": given("admin_viewer"),
    "the inviter may not assign": given("SUPPORT_MANAGER"),
    "the tenant was suspended": suspended,
    "it was revoked": revoked,
    "it was sent again": resent,
    "a week is over": lambda book: book.world.clock.move(days=7),
    "a role is gone": changed(roles=["customer_viewer", "no_longer_there"]),
    "a role is for others": changed(roles=["PLATFORM_ADMIN"]),
    "the address has an account": account_made,
}
