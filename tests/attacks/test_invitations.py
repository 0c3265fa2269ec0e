"""Invitations: who may accept one, how often, and what it gives."""

import pytest
from sqlalchemy import update

from authserver.accounts.models import User
from authserver.invitations.models import Invitation
from tests.attacks.inviting import MEANWHILE, write
from tests.attacks.mailed import nonce
from tests.attacks.test_hosts_and_proxies import LIES
from tests.support.browser import Browser, answered, hidden
from tests.support.joining import (
    CHOSEN,
    NAME,
    Guestbook,
    arrived,
    fill_in,
    joined,
    users_of,
)
from tests.support.mails import html_of, mails_to, path_of, text_of
from tests.support.parallel import together
from tests.support.trail import events
from tests.support.world import World


@pytest.fixture
def book(world: World) -> Guestbook:
    return Guestbook(world)


@pytest.mark.every_database
@pytest.mark.attack("ATK-085")
def test_twenty_at_once_are_one_account(book: Guestbook) -> None:
    link = book.mailed()
    ready = []
    for _ in range(20):
        browser = Browser(book.world)
        ready.append((browser, arrived(book.world, link, browser)))
    answers = together(
        20, lambda n: fill_in(*ready[n], name=NAME, password=f"Lantern-Number-{n}").status_code
    )
    assert sorted(answers) == [303] + [400] * 19
    assert users_of(book.world, book.tenant) >= {book.email}
    assert len(events(book.world, book.tenant.id, "invitation.accepted")) == 1
    assert arrived(book.world, link).status_code == 400


@pytest.mark.attack("ATK-118")
@pytest.mark.parametrize("field", ["roles", "role", "email", "username", "tenant", "user_id"])
def test_the_form_chooses_neither_address_nor_roles_nor_tenant(
    world: World, book: Guestbook, field: str
) -> None:
    other = world.tenant()
    evil = {
        "roles": "admin", "role": "PLATFORM_ADMIN", "email": "evil@example.com",
        "username": "evil@example.com", "tenant": other.slug, "user_id": book.admin.id,
    }  # fmt: skip
    assert joined(world, book.mailed(), **{field: evil[field]}).status_code == 303
    row = book.account()
    assert row is not None
    with world.services.database.read() as view:
        assert world.services.roles.roles_of(view, book.tenant.id, row.id) == ["customer_viewer"]
    assert users_of(world, other) == set()
    assert "evil@example.com" not in users_of(world, book.tenant)


@pytest.mark.attack("ATK-042")
@pytest.mark.attack("ATK-122")
def test_no_other_secret_opens_an_invitation_nor_the_other_way_round(
    world: World, book: Guestbook
) -> None:
    token = book.mailed().partition("token=")[2]
    client, person = world.client(book.tenant), world.user(book.tenant)
    browser = Browser(world)
    sign_in = browser.follow(browser.authorize(client))
    handle = sign_in.request.args["flow"]
    forged = f"eyJhbGciOiJub25lIn0.{token}."
    edited = ("A" if token[0] != "A" else "B") + token[1:]
    code = Browser(world).code(client, person)
    for secret in (handle, code, forged, edited, token[:-1], token.lower(), "", "x" * 43):
        page = arrived(world, f"https://auth.example/login/invitation?token={secret}")
        assert page.status_code == 400, secret
    for path in ("/login/recover/new", "/login/verify", "/login/recover/unlock"):
        assert arrived(world, f"https://auth.example{path}?token={token}").status_code == 400
    assert arrived(world, f"https://auth.example/login/register/new?token={token}").status_code == (
        400
    )
    assert book.account() is None
    assert joined(world, f"https://auth.example/login/invitation?token={token}").status_code == 303


@pytest.mark.attack("ATK-090")
def test_an_invitation_is_good_at_its_own_issuer_alone(world: World, book: Guestbook) -> None:
    link = book.mailed()
    own = Guestbook(world, own_issuer=True)
    foreign = link.replace("auth.example", f"auth.example/t/{own.tenant.slug}")
    assert joined(world, foreign).status_code == 400
    theirs = own.mailed()
    at_platform = theirs.replace(f"/t/{own.tenant.slug}", "")
    assert joined(world, at_platform).status_code == 400
    third = Guestbook(world, own_issuer=True)
    elsewhere = theirs.replace(own.tenant.slug, third.tenant.slug)
    assert joined(world, elsewhere).status_code == 400
    assert own.account() is None
    assert joined(world, theirs).status_code == 303


@pytest.mark.any_database
@pytest.mark.attack("ATK-089")
@pytest.mark.parametrize("lie", LIES)
def test_the_page_leads_nowhere_else_whatever_a_header_says(book: Guestbook, lie: str) -> None:
    link = book.mailed()
    answer = Browser(book.world).get(path_of(link), environ_overrides=LIES[lie])
    said = answer.text + answer.headers.get("Location", "")
    assert "evil.test" not in said
    (mail,) = mails_to(book.world, book.email, book.tenant.id)
    assert "evil.test" not in text_of(mail) + html_of(mail)


@pytest.mark.attack("ATK-123")
def test_nothing_but_the_mail_says_the_link(world: World, book: Guestbook) -> None:
    entry = book.invite()
    token = book.link().partition("token=")[2]
    with world.services.database.read() as view:
        listed = world.services.mailed.invitations.entries(view, book.tenant.id)
        row = view.platform().get(Invitation, entry.id)
        assert row is not None
        assert token.encode() not in row.token_hash
        held = str({name: value for name, value in vars(row).items() if name[0] != "_"})
    for said in (repr(entry), repr(listed), held):
        assert token not in said
    for event in events(world, book.tenant.id):
        assert token.encode() not in event.body


@pytest.mark.attack("ATK-071")
def test_the_token_is_in_no_page_no_url_and_no_referrer(world: World, book: Guestbook) -> None:
    link = book.mailed()
    token = link.partition("token=")[2]
    browser = Browser(world)
    moved = browser.get(path_of(link))
    assert token not in moved.text + moved.headers["Location"]
    assert "Path=/login/invitation;" in moved.headers["Set-Cookie"]
    page = browser.follow(moved)
    assert token not in page.text
    for answer in (moved, page):
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
    for method in ("HEAD", "GET"):
        browser.http.open("/login/invitation", method=method, base_url="https://auth.example")
    assert joined(world, link).status_code == 303


@pytest.mark.attack("ATK-077")
def test_accepting_signs_nobody_in(world: World, book: Guestbook) -> None:
    browser = Browser(world)
    done = fill_in(browser, arrived(world, book.mailed(), browser), name=NAME, password=CHOSEN)
    assert "as-session" not in str(done.headers)
    refused = answered(browser.authorize(world.client(book.tenant), prompt="none"))
    assert refused["error"] == "login_required"
    assert browser.get("/account").status_code == 303


@pytest.mark.attack("ATK-092")
def test_without_a_link_no_form_makes_or_changes_an_account(world: World, book: Guestbook) -> None:
    """Every step in every order, with everything but the link."""
    book.invite()
    before = users_of(world, book.tenant)
    browser = Browser(world)
    form = hidden(browser.get("/login/recover"))
    for path in ("/login/invitation", "/login/register/new", "/login/register"):
        for more in ({}, {"email": book.admin.email}, {"user_id": book.admin.id}):
            data = {**form, "name": NAME, "password": CHOSEN, "username": book.email, **more}
            assert browser.post(path, data=data).status_code in {400, 404}
    for path in ("/login/invitation/done", "/login/register/done"):
        assert browser.get(path).headers["Location"] == "/"
    assert users_of(world, book.tenant) == before


@pytest.mark.attack("ATK-093")
def test_an_invitation_that_was_used_stays_used_when_its_account_is_gone(
    world: World, book: Guestbook
) -> None:
    link = book.mailed()
    assert joined(world, link).status_code == 303
    row = book.account()
    assert row is not None
    renamed = update(User).where(User.id == row.id).values(email="x", email_canonical="x")
    write(book, lambda tx: tx.platform().execute(renamed))
    assert joined(world, link).status_code == 400
    assert book.account() is None


@pytest.mark.attack("ATK-093")
def test_a_tenant_without_anybody_is_not_set_up_by_whoever_comes_first(world: World) -> None:
    """The installation is set up once, by a row that stays: who is there does not matter."""
    services, empty = world.services, world.tenant()
    assert not services.database.write(lambda tx: services.tenants.set_up(tx, services.keyring))
    browser = Browser(world)
    form = hidden(browser.get("/login/recover"))
    for path in ("/login/register", "/login/register/new", "/login/invitation"):
        data = {**form, "email": "first@example.com", "name": NAME, "password": CHOSEN}
        assert browser.post(path, data=data).status_code in {400, 404}
    assert users_of(world, empty) == set()


@pytest.mark.attack("ATK-067")
def test_the_form_needs_the_token_of_its_page(world: World, book: Guestbook) -> None:
    browser = Browser(world)
    arrived(world, book.mailed(), browser)
    data = {"name": NAME, "password": CHOSEN}
    assert browser.post("/login/invitation", data=data).status_code == 400
    data |= hidden(browser.get("/login/invitation"))
    evil = {"HTTP_ORIGIN": "https://evil.test", "HTTP_SEC_FETCH_SITE": "cross-site"}
    answer = browser.post("/login/invitation", data=data, environ_overrides=evil)
    assert answer.status_code == 403
    assert book.account() is None


@pytest.mark.attack("ATK-132")
def test_names_are_text_in_page_and_mail(world: World, book: Guestbook) -> None:
    evil = "<a href='https://evil.test'>x</a>"
    renamed = update(User).where(User.id == book.admin.id).values(name=evil)
    write(book, lambda tx: tx.platform().execute(renamed))
    page = arrived(world, book.mailed())
    (mail,) = mails_to(world, book.email, book.tenant.id)
    for said in (page.text, html_of(mail)):
        assert "<a href='https://evil.test'" not in said


@pytest.mark.attack("ATK-095")
def test_every_dead_invitation_gets_one_page(world: World) -> None:
    books = {name: Guestbook(world) for name in ("it was revoked", "the inviter was disabled")}
    dead = []
    for name, book in books.items():
        dead.append(book.mailed())
        MEANWHILE[name](book)
    used = Guestbook(world)
    dead.append(used.mailed())
    joined(world, dead[-1])
    dead.append("https://auth.example/login/invitation?token=" + "x" * 43)
    pages = set()
    for link in dead:
        answer = arrived(world, link)
        assert answer.status_code == 400
        cleaned = answer.text.replace(answer.headers["X-Correlation-Id"], "")
        pages.add(cleaned.replace(nonce(answer), ""))
    assert len(pages) == 1
