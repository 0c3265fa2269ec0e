"""Self-registration: where it is not, for whom it is not, and what its links are good for."""

from collections.abc import Callable

import pytest
from sqlalchemy import update

from authserver.core.problems import Refused
from authserver.registration.policy import Openness
from authserver.roles.catalogue import BUILTIN
from authserver.roles.policy import check_open_role
from authserver.tenants.models import Tenant
from authserver.tenants.policy import TenantPolicy, UnfitName, check_domain
from tests.attacks.test_hosts_and_proxies import LIES
from tests.support.browser import Browser, hidden
from tests.support.joining import (
    CHOSEN,
    NAME,
    Guestbook,
    arrived,
    ask,
    fill_in,
    joined,
    register_page,
    users_of,
)
from tests.support.mails import html_of, mails_to, text_of
from tests.support.parallel import together
from tests.support.trail import events
from tests.support.world import ClientFixture, World


@pytest.fixture
def book(world: World) -> Guestbook:
    book = Guestbook(world)
    book.open_to_all()
    return book


@pytest.fixture
def client(world: World, book: Guestbook) -> ClientFixture:
    return world.client(book.tenant)


def shut(book: Guestbook) -> None:
    book.policy(TenantPolicy(registration_open=False))


def suspended(book: Guestbook) -> None:
    tenants = book.world.services.tenants
    actor = book.actor()
    book.world.services.database.write(lambda tx: tenants.suspend(tx, book.tenant.slug, actor))
    book.world.services.watch.changed()


def other_domains(book: Guestbook) -> None:
    book.policy(TenantPolicy(registration_domains=["corp.example"]))


def taken_meanwhile(book: Guestbook) -> None:
    book.world.user(book.tenant, email=book.email)


def half_an_hour(book: Guestbook) -> None:
    book.world.clock.move(minutes=30)


@pytest.mark.attack("ATK-084")
@pytest.mark.parametrize(
    "happens",
    [shut, suspended, other_domains, taken_meanwhile, half_an_hour],
    ids=lambda f: f.__name__,
)
def test_a_link_does_not_outlive_what_it_was_made_for(
    world: World, book: Guestbook, client: ClientFixture, happens: Callable[[Guestbook], None]
) -> None:
    ask(world, client, book.email)
    browser = Browser(world)
    page = arrived(world, book.link(), browser)
    happens(book)
    before = users_of(world, book.tenant)
    assert fill_in(browser, page, name=NAME, password=CHOSEN).status_code == 400
    assert arrived(world, book.link()).status_code == 400
    assert users_of(world, book.tenant) == before


@pytest.mark.every_database
@pytest.mark.attack("ATK-085")
def test_thirty_uses_at_once_are_one_account(
    world: World, book: Guestbook, client: ClientFixture
) -> None:
    ask(world, client, book.email)
    ready = []
    for _ in range(30):
        browser = Browser(world)
        ready.append((browser, arrived(world, book.link(), browser)))
    answers = together(
        30, lambda n: fill_in(*ready[n], name=NAME, password=f"Lantern-Number-{n}").status_code
    )
    assert sorted(answers) == [303] + [400] * 29
    assert len(events(world, book.tenant.id, "user.registered")) == 1


@pytest.mark.every_database
@pytest.mark.attack("ATK-085")
def test_two_links_of_one_address_are_one_account(
    world: World, book: Guestbook, client: ClientFixture
) -> None:
    ask(world, client, book.email)
    first = book.link()
    ask(world, client, book.email)
    second = book.link()
    assert first != second
    answers = together(2, lambda n: joined(world, (first, second)[n]).status_code)
    assert sorted(answers) == [303, 400]


@pytest.mark.attack("ATK-092")
def test_where_registration_is_off_there_is_no_page_and_no_mail(world: World) -> None:
    closed = Guestbook(world)
    client = world.client(closed.tenant)
    browser = Browser(world)
    sign_in = browser.follow(browser.authorize(client))
    assert "/login/register" not in sign_in.text
    assert register_page(world, client, browser).status_code == 404
    form = hidden(sign_in)
    posted = browser.post("/login/register", data={**form, "email": closed.email})
    assert posted.status_code == 404
    assert mails_to(world, closed.email, closed.tenant.id) == []


@pytest.mark.attack("ATK-092")
@pytest.mark.attack("ATK-090")
def test_the_tenant_is_that_of_the_flow_or_of_the_issuer_and_no_other(
    world: World, book: Guestbook
) -> None:
    """Not one that a client serves beside others, and never one that the request names."""
    internal = world.tenant("internal")
    for serves in (["*"], [book.tenant.slug, internal.slug], [book.tenant.slug]):
        client = world.client(internal, serves=serves)
        browser = Browser(world)
        sign_in = browser.follow(browser.authorize(client, organization=book.tenant.slug))
        assert "/login/register" not in sign_in.text
        assert register_page(world, client, browser).status_code == 404
    browser = Browser(world)
    form = hidden(browser.get("/login/recover"))
    evil = {"organization": book.tenant.slug, "tenant": book.tenant.id, "email": book.email}
    assert browser.get("/login/register", query_string=evil).status_code == 404
    assert browser.post("/login/register", data={**form, **evil}).status_code == 404
    assert mails_to(world, book.email, book.tenant.id) == []


@pytest.mark.attack("ATK-064")
def test_a_flow_of_another_browser_opens_no_page(
    world: World, book: Guestbook, client: ClientFixture
) -> None:
    theirs = Browser(world)
    handle = theirs.follow(theirs.authorize(client)).request.args["flow"]
    stranger = Browser(world)
    asked = stranger.get("/login/register", query_string={"flow": handle})
    assert asked.status_code == 404
    assert book.account() is None


@pytest.mark.any_database
@pytest.mark.parametrize(
    "email",
    [
        "ada@sub.corp.example",
        "ada@corp.example.evil.test",
        "ada@evilcorp.example",
        "ada@corp.example@evil.test",
        "ada@evil.test@corp.example",
        "ada@corp.examp1e",
        "ada@c\u043erp.example",
        "ada@corp\uff0eexample",
        "ada@corp\u3002example",
        "ada@corp.example.",
        "ada@[corp.example]",
        '"ada@corp.example"@evil.test',
        "ada@corp.example,eve@evil.test",
        "ada@corp.example\r\nBcc: eve@evil.test",
        "ada@corp.example%00.evil.test",
        "@corp.example",
        "corp.example",
        "",
    ],
)
def test_no_trick_with_domains_gets_a_mail(world: World, email: str) -> None:
    book = Guestbook(world)
    book.open_to_all(registration_domains=["corp.example"])
    client = world.client(book.tenant)
    refused = ask(world, client, email)
    assert refused.status_code == 400
    assert events(world, book.tenant.id, "registration.requested") == []
    good = f"ada.{book.tenant.slug}@CORP.example"
    assert ask(world, client, good).status_code == 200


@pytest.mark.parametrize("domain", ["", "*", "*.example", "a@b.example", "localhost", ".example"])
def test_what_is_no_domain_is_not_set(domain: str) -> None:
    with pytest.raises(UnfitName):
        check_domain(domain)


PLAIN = {
    "SALES_REP", "SALES_MANAGER", "ACCOUNT_MANAGER", "FINANCE_ANALYST", "product_manager",
    "EXECUTIVE", "customer_viewer",
}  # fmt: skip


@pytest.mark.attack("ATK-118")
@pytest.mark.parametrize("role", sorted(BUILTIN))
def test_no_privileged_role_is_for_whoever_registers(role: str) -> None:
    if role in PLAIN:
        assert check_open_role(role.lower()) == role
        return
    with pytest.raises(Refused):
        check_open_role(role)
    row = Openness(open=True, suspended=False, tenant_type="internal", domains=(), role=role)
    assert row.roles == []


@pytest.mark.attack("ATK-118")
def test_a_privileged_role_in_the_row_is_given_to_nobody(
    world: World, book: Guestbook, client: ClientFixture
) -> None:
    ask(world, client, book.email)
    forged = update(Tenant).where(Tenant.id == book.tenant.id).values(registration_role="admin")
    world.services.database.write(lambda tx: tx.platform().execute(forged))
    assert joined(world, book.link(), roles="admin", role="admin").status_code == 303
    row = book.account()
    assert row is not None
    with world.services.database.read() as view:
        assert world.services.roles.roles_of(view, book.tenant.id, row.id) == []


@pytest.mark.any_database
@pytest.mark.attack("ATK-118")
@pytest.mark.parametrize("field", ["email", "username", "verified", "tenant_id", "home"])
def test_the_form_chooses_no_address_and_no_tenant(
    world: World, book: Guestbook, client: ClientFixture, field: str
) -> None:
    ask(world, client, book.email)
    before = users_of(world, book.tenant)
    assert joined(world, book.link(), **{field: "evil@example.com"}).status_code == 303
    assert users_of(world, book.tenant) - before == {book.email}


@pytest.mark.attack("ATK-042")
def test_a_token_opens_nothing_but_its_own_page_at_its_own_issuer(
    world: World, book: Guestbook, client: ClientFixture
) -> None:
    ask(world, client, book.email)
    token = book.link().partition("token=")[2]
    own = Guestbook(world, own_issuer=True)
    own.open_to_all()
    for path in ("/login/invitation", "/login/recover/new", "/login/verify"):
        assert arrived(world, f"https://auth.example{path}?token={token}").status_code == 400
    foreign = f"https://auth.example/t/{own.tenant.slug}/login/register/new?token={token}"
    assert joined(world, foreign).status_code == 400
    assert joined(world, book.link()).status_code == 303


@pytest.mark.any_database
@pytest.mark.attack("ATK-089")
@pytest.mark.parametrize("lie", LIES)
def test_no_header_reaches_a_link_in_the_mail(
    world: World, book: Guestbook, client: ClientFixture, lie: str
) -> None:
    browser = Browser(world)
    form = hidden(register_page(world, client, browser))
    data = {**form, "email": book.email}
    browser.post("/login/register", data=data, environ_overrides=LIES[lie])
    for mail in mails_to(world, book.email, book.tenant.id):
        for said in (text_of(mail), html_of(mail)):
            assert "evil.test" not in said
            assert ":666" not in said


@pytest.mark.attack("ATK-003")
def test_an_account_that_a_stranger_registered_is_not_possible_without_the_mailbox(
    world: World, book: Guestbook, client: ClientFixture
) -> None:
    """Pre-hijacking: nothing of a request that nobody proved becomes part of an account."""
    stranger = Browser(world)
    ask(world, client, book.email, stranger)
    before = users_of(world, book.tenant)
    for path in ("/login/register/new", "/login/register/done"):
        assert stranger.get(path).status_code in {303, 400}
    assert users_of(world, book.tenant) == before
    theirs = book.link()
    world.clock.move(minutes=1)
    ask(world, client, book.email)
    assert joined(world, book.link()).status_code == 303
    assert joined(world, theirs).status_code == 400
