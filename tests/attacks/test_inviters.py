"""Who may invite whom with which roles, and what becomes of it when that changes."""

import pytest

from authserver.accounts.policy import UnfitAccount
from authserver.core.problems import Conflict, NotFound, Problem, Refused
from authserver.invitations.service import Invite
from authserver.roles.policy import UnknownRole
from tests.attacks.inviting import MEANWHILE, disabled, given
from tests.support.browser import Browser
from tests.support.joining import (
    CHOSEN,
    NAME,
    Guestbook,
    arrived,
    fill_in,
    users_of,
)
from tests.support.mails import mails_to
from tests.support.parallel import together
from tests.support.trail import events
from tests.support.world import World


@pytest.fixture
def book(world: World) -> Guestbook:
    return Guestbook(world)


@pytest.mark.attack("ATK-123")
@pytest.mark.attack("ATK-063")
@pytest.mark.parametrize("what", MEANWHILE)
def test_an_invitation_does_not_outlive_what_it_was_made_for(book: Guestbook, what: str) -> None:
    """Neither for who follows the link now, nor for whose page is open already."""
    link = book.mailed()
    browser = Browser(book.world)
    page = arrived(book.world, link, browser)
    assert page.status_code == 200
    MEANWHILE[what](book)
    before = users_of(book.world, book.tenant)
    late = fill_in(browser, page, name=NAME, password=CHOSEN)
    assert late.status_code == 400
    assert "This invitation is no longer valid" in late.text
    assert arrived(book.world, link).status_code == 400
    assert users_of(book.world, book.tenant) == before
    assert events(book.world, book.tenant.id, "invitation.accepted") == []


@pytest.mark.attack("ATK-123")
@pytest.mark.parametrize("what", ["the inviter was disabled", "a role is gone"])
def test_what_is_refused_between_look_and_accept_is_recorded(
    book: Guestbook, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change comes after the page was checked: the transaction sees it."""
    link = book.mailed()
    services = book.world.services
    real = type(services.hasher).hash

    def slow(hasher: object, password: str) -> str:
        monkeypatch.undo()
        MEANWHILE[what](book)
        return real(hasher, password)

    browser = Browser(book.world)
    page = arrived(book.world, link, browser)
    monkeypatch.setattr(type(services.hasher), "hash", slow)
    assert fill_in(browser, page, name=NAME, password=CHOSEN).status_code == 400
    assert book.account() is None
    (event,) = events(book.world, book.tenant.id, "invitation.refused")
    reason = {"the inviter was disabled": "inviter_may_not", "a role is gone": "role_gone"}
    assert event.document["facts"] == {"reason": reason[what]}


@pytest.mark.attack("ATK-118")
@pytest.mark.parametrize("role", ["admin", "FINANCE_MANAGER", "CLOUD_OPS", "PLATFORM_ADMIN"])
@pytest.mark.parametrize("held", [[], ["SUPPORT_MANAGER"], ["admin_viewer"], ["customer_viewer"]])
def test_nobody_invites_with_more_than_they_hold(
    book: Guestbook, held: list[str], role: str
) -> None:
    given(*held)(book)
    book.roles = (role,)
    with pytest.raises(Refused):
        book.invite()
    assert mails_to(book.world, book.email, book.tenant.id) == []


@pytest.mark.attack("ATK-118")
def test_an_administrator_invites_no_role_that_sees_the_platform(book: Guestbook) -> None:
    for role in ("CLOUD_OPS", "NOC_MANAGER", "EXECUTIVE"):  # health:read is above admin
        book.roles = (role,)
        with pytest.raises(Refused):
            book.invite()


@pytest.mark.attack("ATK-117")
@pytest.mark.parametrize(
    "name",
    ["\u0430dmin", "admin\u200b", "adm\u0131n", "", "../admin", "r00t", "acme/admin", "a" * 41],
)
def test_a_look_alike_or_unknown_role_invites_nobody(book: Guestbook, name: str) -> None:
    book.roles = (name,)
    with pytest.raises(UnknownRole):
        book.invite(by_operator=True)


@pytest.mark.attack("ATK-117")
def test_the_platforms_role_is_not_for_customers_whoever_invites(world: World) -> None:
    book = Guestbook(world, roles=("platform_ADMIN",))
    with pytest.raises(Refused):
        book.invite(by_operator=True)
    internal = Guestbook(world, kind="internal", roles=("platform_ADMIN",))
    assert internal.invite(by_operator=True).roles == ("PLATFORM_ADMIN",)


@pytest.mark.attack("ATK-118")
def test_an_inviter_must_be_enabled_and_of_the_tenant(world: World, book: Guestbook) -> None:
    stranger = Guestbook(world)
    asked = Invite(book.tenant.id, book.email, (), stranger.admin.id)
    invitations = world.services.mailed.invitations
    with pytest.raises(NotFound):
        world.services.database.write(
            lambda tx: invitations.create(tx, asked, actor=stranger.actor(stranger.admin.id))
        )
    disabled(book)
    with pytest.raises(Refused):
        book.invite()


@pytest.mark.parametrize(
    "email",
    ["", "a@b@example.com", "a@localhost", "a\u212a@x.example\u3002evil", "a@x\r\nBcc: b@c.de"],
)
def test_what_is_no_address_is_not_invited(book: Guestbook, email: str) -> None:
    book.email = email
    with pytest.raises(UnfitAccount):
        book.invite()


@pytest.mark.every_database
def test_two_administrators_who_invite_at_once_make_one_invitation(book: Guestbook) -> None:
    def invite(_number: int) -> str:
        try:
            return book.invite().id
        except Conflict:
            return ""

    made = together(8, invite)
    assert len([one for one in made if one]) == 1
    assert len(mails_to(book.world, book.email, book.tenant.id)) == 1


def test_a_refused_invitation_leaves_nothing(book: Guestbook) -> None:
    book.roles = ("PLATFORM_ADMIN",)
    with pytest.raises(Problem):
        book.invite()
    with book.world.services.database.read() as view:
        assert book.world.services.mailed.invitations.entries(view, book.tenant.id) == []
