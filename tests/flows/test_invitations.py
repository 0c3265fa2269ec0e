"""An invitation, from the one who invites through the mail to the first sign-in."""

import pytest

from authserver.accounts.models import User
from authserver.core.problems import Conflict, Problem, TooManyRequests
from authserver.invitations.policy import State
from authserver.tenants.policy import PasswordPreset, TenantPolicy
from tests.support.browser import Browser, Party, hidden
from tests.support.joining import CHOSEN, NAME, Guestbook, arrived, fill_in, joined
from tests.support.mails import html_of, link_in, mails_to, text_of
from tests.support.trail import events
from tests.support.world import World


@pytest.fixture
def book(world: World) -> Guestbook:
    return Guestbook(world)


def test_who_is_invited_joins_and_signs_in_with_the_roles(world: World, book: Guestbook) -> None:
    made = book.invite()
    assert (made.state, made.roles) == (State.OPEN, ("customer_viewer",))
    (mail,) = mails_to(world, book.email, book.tenant.id)
    for said in (text_of(mail), html_of(mail)):
        assert "Ada Lovelace" in said
        assert f"Tenant {book.tenant.slug}" in said
        assert book.email in said

    browser = Browser(world)
    page = arrived(world, link_in(mail), browser)
    assert page.status_code == 200
    for words in ("Ada Lovelace", f"Tenant {book.tenant.slug}", "customer_viewer", book.email):
        assert words in page.text
    assert "See the organization&#39;s people and usage." in page.text
    done = fill_in(browser, page, name=NAME, password=CHOSEN)
    assert done.headers["Location"] == "/login/invitation/done"
    last = browser.follow(done)
    assert "Welcome" in last.text
    assert "/login/password?to=overview" in last.text

    row = book.account()
    assert row is not None
    assert (row.email, row.name, row.email_verified) == (book.email, NAME, True)
    assert row.home_user_id is None
    client = world.client(book.tenant)
    assert "login_required" in browser.authorize(client, prompt="none").headers["Location"]
    tokens = Party(world, client).redeem(browser.code(client, book.person())).json
    said = Party(world, client).introspect(tokens["access_token"]).json
    assert said["roles"] == ["customer_viewer"]
    assert browser.get("/account").status_code == 200


def test_every_step_stands_in_the_trail_once_and_without_the_address(
    world: World, book: Guestbook
) -> None:
    made = book.invite()
    book.world.clock.move(minutes=6)
    book.change("resend", made.id, book.admin.id)
    joined(world, book.link())
    found = events(world, book.tenant.id)
    for kind in ("created", "resent", "accepted"):
        (event,) = [event for event in found if event.type == f"invitation.{kind}"]
        assert book.email.encode() not in event.body
        assert event.document["resource"] == f"invitation:{made.id}"
    given = [event for event in found if event.type == "user.roles_changed"][-1]
    assert given.document["after"] == {"roles": ["customer_viewer"]}


def test_the_operator_invites_the_first_administrator(world: World) -> None:
    book = Guestbook(world, roles=("admin",))
    book.invite(by_operator=True)
    page = arrived(world, book.link())
    assert f"Tenant {book.tenant.slug}</bdi>" in page.text
    assert "Ada Lovelace" not in page.text
    assert joined(world, book.link()).status_code == 303
    account = book.account()
    assert account is not None
    with world.services.database.read() as view:
        roles = world.services.roles.roles_of(view, book.tenant.id, account.id)
    assert roles == ["admin"]


def test_an_invitation_lives_seven_days(world: World, book: Guestbook) -> None:
    link = book.mailed()
    world.clock.move(days=7, seconds=-1)
    assert arrived(world, link).status_code == 200
    world.clock.move(seconds=1)
    assert joined(world, link).status_code == 400
    assert book.account() is None


def test_what_is_mailed_again_is_good_for_the_whole_time_and_ends_the_first(
    world: World, book: Guestbook
) -> None:
    made = book.invite()
    first = book.link()
    world.clock.move(days=8)
    again = book.change("resend", made.id)
    assert again.state is State.OPEN
    assert arrived(world, first).status_code == 400
    world.clock.move(days=6)
    assert joined(world, book.link()).status_code == 303


def test_a_person_mails_again_after_a_while_the_operator_at_once(book: Guestbook) -> None:
    made = book.invite()
    with pytest.raises(TooManyRequests) as refused:
        book.change("resend", made.id, book.admin.id)
    assert refused.value.headers["Retry-After"]
    book.change("resend", made.id)
    book.world.clock.move(minutes=5)
    book.change("resend", made.id, book.admin.id)


def test_revoking_is_for_what_is_not_accepted(book: Guestbook) -> None:
    made = book.invite()
    assert book.change("revoke", made.id).state is State.REVOKED
    assert book.change("revoke", made.id).state is State.REVOKED
    with pytest.raises(Conflict):
        book.change("resend", made.id)
    second = book.invite()
    joined(book.world, book.link())
    for method in ("revoke", "resend"):
        with pytest.raises(Conflict):
            book.change(method, second.id)
    revoked = events(book.world, book.tenant.id, "invitation.revoked")
    assert len(revoked) == 1


def test_an_address_is_invited_once_at_a_time_and_not_when_it_has_an_account(
    world: World, book: Guestbook
) -> None:
    book.invite()
    book.email = book.email.replace("example.com", "EXAMPLE.com").replace("grace", "GRACE")
    with pytest.raises(Conflict, match="invited already"):
        book.invite()
    world.clock.move(days=8)
    book.invite()
    book.email = book.admin.email
    with pytest.raises(Conflict, match="account"):
        book.invite()


@pytest.mark.parametrize("preset", ["classic", "nist"])
def test_the_password_is_what_the_tenant_asks(world: World, book: Guestbook, preset: str) -> None:
    book.policy(TenantPolicy(password_preset=PasswordPreset(preset)))
    book.invite()
    browser = Browser(world)
    page = arrived(world, book.link(), browser)
    weak = fill_in(browser, page, name=NAME, password="Grace-Hopper-1")
    assert weak.status_code == 400
    assert "This password cannot be used." in weak.text
    assert f'value="{NAME}"' in weak.text
    assert "Grace-Hopper-1" not in weak.text
    good = {"classic": CHOSEN, "nist": "blue lantern over the hill"}[preset]
    assert fill_in(browser, weak, name=NAME, password=good).status_code == 303


@pytest.mark.parametrize("name", ["", "   ", "x" * 121, "Ann\u202ea", "A\x7fB"])
def test_a_name_that_cannot_be_used_is_refused_with_the_reason(
    world: World, book: Guestbook, name: str
) -> None:
    book.invite()
    refused = joined(world, book.link(), name=name)
    assert refused.status_code == 400
    if "\x7f" not in name:
        assert "This name cannot be used." in refused.text
    assert book.account() is None
    assert joined(world, book.link()).status_code == 303


def test_a_waiting_sign_in_goes_on_afterwards(world: World, book: Guestbook) -> None:
    client, browser = world.client(book.tenant), Browser(world)
    sign_in = browser.follow(browser.authorize(client))
    handle = sign_in.request.args["flow"]
    browser.get("/login/recover", query_string={"flow": handle})
    done = fill_in(browser, arrived(world, book.mailed(), browser), name=NAME, password=CHOSEN)
    assert f"/oauth/authorize?flow={handle}" in browser.follow(done).text
    back = browser.sign_in(sign_in, book.person())
    assert "/login/consent" in browser.follow(back).headers["Location"]


def test_at_a_tenants_own_issuer(world: World) -> None:
    book = Guestbook(world, own_issuer=True)
    link = book.mailed()
    prefix = f"/t/{book.tenant.slug}"
    assert link.startswith(f"https://auth.example{prefix}/login/invitation?token=")
    browser = Browser(world, prefix)
    done = fill_in(browser, arrived(world, link, browser), name=NAME, password=CHOSEN)
    assert done.headers["Location"] == f"{prefix}/login/invitation/done"
    assert f"{prefix}/login/password?to=overview" in browser.follow(done).text


def test_a_second_factor_is_asked_where_the_tenant_demands_it(world: World) -> None:
    book = Guestbook(world)
    book.policy(TenantPolicy(mfa_required=True))
    assert joined(world, book.mailed()).status_code == 303
    browser = Browser(world)
    page = browser.get("/login/password", query_string={"to": "overview"})
    answer = browser.sign_in(page, book.person())
    assert "/login/mfa/setup" in answer.headers["Location"]
    assert browser.get("/account").status_code == 303


def test_an_account_of_another_tenant_comes_as_a_guest(world: World, book: Guestbook) -> None:
    home = world.user(world.tenant(), email=book.email, name="Grace at Home")
    link = book.mailed()
    browser = Browser(world)
    page = arrived(world, link, browser)
    assert "/login/password?to=invitation" in page.text
    sign_in = browser.get("/login/password", query_string={"to": "invitation"})
    back = browser.sign_in(sign_in, home)
    assert back.headers["Location"] == "/login/invitation"
    page = browser.follow(back)
    assert "Join with this account" in page.text
    done = browser.post("/login/invitation", data=hidden(page))
    assert done.headers["Location"] == "/login/invitation/done"
    assert "Go on signing in with it" in browser.follow(done).text
    row = book.account()
    assert row is not None
    assert (row.home_user_id, row.password_hash, row.name) == (home.id, None, "Grace at Home")
    assert row.email_verified
    with world.services.database.read() as view:
        assert world.services.roles.roles_of(view, book.tenant.id, row.id) == ["customer_viewer"]
    (event,) = events(world, book.tenant.id, "invitation.accepted")
    assert event.document["facts"] == {"roles": ["customer_viewer"], "guest": True}
    assert f"Tenant {book.tenant.slug}" in browser.get("/account/tenants").text


def test_a_guest_signs_in_once_more_after_five_minutes(world: World, book: Guestbook) -> None:
    home = world.user(world.tenant(), email=book.email)
    link, browser = book.mailed(), Browser(world)
    page = browser.get("/login/password", query_string={"to": "overview"})
    browser.sign_in(page, home)
    page = arrived(world, link, browser)
    world.clock.move(minutes=5, seconds=1)
    again = browser.post("/login/invitation", data=hidden(page))
    assert again.headers["Location"].startswith("/login/password?to=invitation&account=ses_")
    assert book.account() is None
    back = browser.sign_in(again, home)
    page = browser.follow(back)
    assert browser.post("/login/invitation", data=hidden(page)).status_code == 303
    assert book.account() is not None


def test_a_separate_account_is_possible_all_the_same(world: World, book: Guestbook) -> None:
    home = world.user(world.tenant(), email=book.email)
    browser = Browser(world)
    browser.sign_in(browser.get("/login/password", query_string={"to": "overview"}), home)
    page = arrived(world, book.mailed(), browser)
    assert fill_in(browser, page, name=NAME, password=CHOSEN).status_code == 303
    row = book.account()
    assert row is not None
    assert row.home_user_id is None
    assert row.password_hash


def test_listing_shows_how_each_stands(world: World, book: Guestbook) -> None:
    made = [book.invite().id]
    for name in ("one", "two", "three"):
        book.email = f"{name}.{book.tenant.slug}@example.com"
        made.append(book.invite().id)
    book.change("revoke", made[1])
    joined(world, book.link())
    with world.services.database.read() as view:
        listed = world.services.mailed.invitations.entries(view, book.tenant.id)
    assert {entry.id: entry.state for entry in listed} == {
        made[0]: State.OPEN,
        made[1]: State.REVOKED,
        made[2]: State.OPEN,
        made[3]: State.ACCEPTED,
    }


def test_somebody_elses_invitation_is_not_found(world: World, book: Guestbook) -> None:
    made, other = book.invite(), Guestbook(world)
    for method in ("resend", "revoke"):
        with pytest.raises(Problem) as refused:
            other.change(method, made.id)
        assert refused.value.status == 404


def test_an_account_made_meanwhile_closes_the_invitation(world: World, book: Guestbook) -> None:
    link = book.mailed()
    other = world.user(book.tenant, email=book.email)
    assert joined(world, link).status_code == 400
    with world.services.database.read() as view:
        row = view.platform().get(User, other.id)
        assert row is not None
        assert row.name == "Ada Lovelace"
