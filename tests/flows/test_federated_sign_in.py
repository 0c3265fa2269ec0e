"""From a provider's word to an account: found, linked, made, offered or refused, and what follows.

The decision itself has a table of its own (tests/unit/federation); here is that it is asked with
what is true now, and that what it says is done.
"""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from authserver.accounts.service import get
from authserver.core.net.browsers import describe
from authserver.federation.policy import Decision
from authserver.federation.values import Kind
from authserver.roles.custom import NewRole, RoleChange
from authserver.sessions.models import UserSession
from authserver.sessions.service import SessionStart
from tests.support.authenticator import Owner
from tests.support.factors import edit, set_policy
from tests.support.mails import mails, mails_to, text_of
from tests.support.proofs import OP, House, acting, answer, gmail, hop, make
from tests.support.trail import events, principal
from tests.support.world import World


@pytest.fixture
def house(world: World) -> House:
    return make(world)


def test_a_linked_identity_signs_in_and_the_link_notes_it(house: House) -> None:
    person, google = house.world.user(house.tenant), house.connect()
    said = answer(email=gmail(), label="old@gmail.com")
    link = house.link(person, google, said)
    house.world.clock.move(minutes=5)
    renamed = replace(said, identity=replace(said.identity, label="new@gmail.com", email=None))
    outcome = house.enter(google, renamed)
    assert outcome.decision is Decision.SIGN_IN
    assert outcome.guest is None
    partial = house.partial(outcome)
    assert (partial.user.id, partial.amr) == (person.id, ("fed",))
    assert partial.first.identity_id == link
    (row,) = house.links()
    assert (row.label, row.last_used_at) == ("new@gmail.com", house.world.clock.now())
    live = house.arrive(outcome)
    assert (live.level, live.amr) == (1, ("fed",))
    done = events(house.world, house.tenant.id, "sign_in.succeeded")[-1].document
    assert (done["facts"], done["resource"]) == ({"first": ["fed"]}, f"identity:{link}")


def test_another_subject_or_issuer_is_another_identity(house: House) -> None:
    person, google = house.world.user(house.tenant), house.connect()
    said = answer("42")
    house.link(person, google, said)
    for other in (answer("43"), answer("4"), answer("42", issuer=OP + "/"), answer("42 ")):
        assert house.enter(google, other).decision is Decision.ASK
    assert house.enter(google, answer("42")).decision is Decision.SIGN_IN


def test_an_account_with_the_proved_address_is_linked_and_both_are_told(house: House) -> None:
    email = gmail()
    person, google = house.world.user(house.tenant, email=email.upper()), house.connect()
    outcome = house.enter(google, answer("7", email=email))
    assert outcome.decision is Decision.LINK
    assert house.partial(outcome).user.id == person.id
    (row,) = house.links(person)
    assert (row.subject, row.email, row.connection_owner) == ("7", email, "platform")
    (event,) = events(house.world, house.tenant.id, "identity.linked")
    assert event.document["facts"] == {"connection": google.id, "how": "link"}
    assert principal(house.world, event.document["subject"]) == person.id
    (mail,) = mails(house.world, person.id, "identity_linked")
    assert mail["Subject"] == "A sign-in was linked to your account"
    assert "203.0.113.9" in text_of(mail)
    assert mails(house.world, person.id, "identity_linked_there") == [], "it is the same address"
    assert house.enter(google, answer("7")).decision is Decision.SIGN_IN


def test_who_has_no_account_is_asked_to_sign_in(house: House) -> None:
    google, at = house.connect(), hop()
    outcome = house.enter(google, answer(email=gmail()), at=at)
    assert (outcome.decision, outcome.claimed) == (Decision.ASK, None)
    assert house.reasons() == [("ask", "unknown")]
    offers = house.world.services.upstream.offers
    with house.world.services.database.read() as view:
        waiting = offers.waiting(view, at, now=house.world.clock.now())
    assert waiting is not None
    assert waiting.connection_label == "Google"


def test_an_account_is_made_where_people_may_register(house: House) -> None:
    house.set(registration_open=True)
    email, google = gmail(), house.connect()
    said = answer(
        "9", email=email, name="Ada \u202eLovelace\n", locale="de-AT", zoneinfo="europe/berlin"
    )
    outcome = house.enter(google, said, registers=house.tenant.id)
    assert outcome.decision is Decision.CREATE
    user = house.partial(outcome).user
    assert (user.email, user.name, user.locale) == (email, "Ada Lovelace", "de")
    assert house.roles(user.id) == ["customer_viewer"]
    assert [row.user_id for row in house.links()] == [user.id]
    assert house.arrive(outcome).user.id == user.id
    (made,) = events(house.world, house.tenant.id, "user.registered")
    assert made.document["facts"] == {"roles": ["customer_viewer"], "connection": google.id}
    with house.world.services.database.read() as view:
        row = get(view, house.tenant.id, user.id)
        assert (row.email_verified, row.password_hash, row.zoneinfo) == (
            True,
            None,
            "Europe/Berlin",
        )
    assert house.enter(google, answer("9")).decision is Decision.SIGN_IN


@pytest.mark.parametrize(
    ("tenant", "said"),
    [
        ({"registration_open": False}, {}),
        ({"registration_open": True}, {"email": "ada@acme.example", "email_verified": False}),
        ({"registration_open": True, "registration_domains": ["acme.example"]}, {}),
        (
            {"registration_open": True, "registration_domains": ["acme.example"]},
            {"email": "ada@acme.example"},
        ),
    ],
    ids=["closed", "unproved", "domain", "no-authority"],
)
def test_no_account_is_made_against_the_rules_of_registration(
    house: House, tenant: dict[str, Any], said: dict[str, Any]
) -> None:
    house.set(**tenant)
    outcome = house.enter(
        house.connect(), answer(**{"email": gmail(), **said}), registers=house.tenant.id
    )
    assert outcome.decision is Decision.ASK
    assert house.links() == []


def test_where_the_entry_registers_nobody_no_account_is_made(house: House) -> None:
    house.set(registration_open=True)
    assert house.enter(house.connect(), answer(email=gmail())).decision is Decision.ASK


def test_a_tenants_own_connection_makes_people_with_their_roles(house: House) -> None:
    domain = house.own()
    own = house.connect(
        Kind.OIDC,
        own=True,
        creates_people=True,
        default_roles=("customer_viewer", "admin", "no_such_role"),
        group_roles={"finance": "FINANCE_ANALYST", "boss": "admin", "sec": "SECURITY_ANALYST"},
    )
    said = answer("1", email=f"ada@{domain}", groups=("finance", "boss", "sec", "else"))
    outcome = house.enter(own, said)
    assert outcome.decision is Decision.CREATE
    user = house.partial(outcome).user
    assert house.roles(user.id) == ["FINANCE_ANALYST", "customer_viewer"]
    elsewhere = house.enter(own, answer("2", email="ada@other.example"))
    assert elsewhere.decision is Decision.CREATE, "its directory decides who comes"
    with house.world.services.database.read() as view:
        ids = [house.partial(one).user.id for one in (outcome, elsewhere)]
        rows = [get(view, house.tenant.id, one) for one in ids]
        assert [row.email_verified for row in rows] == [True, False]


def test_groups_give_and_take_what_their_mapping_can_and_nothing_else(house: House) -> None:
    own = house.connect(
        Kind.OIDC,
        own=True,
        group_roles={"finance": "FINANCE_ANALYST", "view": "customer_viewer", "boss": "admin"},
    )
    person = house.world.user(house.tenant, "SALES_REP", "customer_viewer", "admin")
    said = answer("1", groups=("finance", "boss"))
    house.link(person, own, said)
    assert house.enter(own, said).decision is Decision.SIGN_IN
    assert house.roles(person.id) == ["FINANCE_ANALYST", "SALES_REP", "admin"]
    changed = events(house.world, house.tenant.id, "user.roles_changed")[-1].document
    assert changed["actor"]["kind"] == "connection"
    assert principal(house.world, changed["actor"]["ref"]) == own.id
    before = len(events(house.world, house.tenant.id, "user.roles_changed"))
    house.enter(own, said)
    assert len(events(house.world, house.tenant.id, "user.roles_changed")) == before
    house.enter(own, answer("1"))
    assert house.roles(person.id) == ["SALES_REP", "admin"], "the only administrator stays one"


def test_groups_give_the_tenants_own_roles_as_they_are_at_the_sign_in(house: House) -> None:
    roles = house.world.services.custom_roles
    actor = replace(house.world.operator, principal=house.tenant.id)
    tenant, write = house.tenant, house.world.services.database.write

    def make_role(name: str, *permissions: str) -> None:
        new = NewRole(name, "Reads", permissions)
        write(lambda tx: roles.create(tx, tenant.id, new, actor=actor))

    make_role("reader", "users:read")
    full = f"{tenant.slug}/reader"
    own = house.connect(Kind.OIDC, own=True, group_roles={"staff": full})
    person, said = house.world.user(tenant), answer("1", groups=("staff",))
    house.link(person, own, said)
    house.enter(own, said)
    assert house.roles(person.id) == [full]
    more = RoleChange(permissions=["users:read", "users:write"])
    write(lambda tx: roles.change(tx, tenant.id, "reader", change=more, actor=actor))
    house.enter(own, answer("1"))
    assert house.roles(person.id) == [full], "of a privileged role groups decide nothing"
    write(lambda tx: roles.delete(tx, tenant.id, "reader", actor=actor))
    house.world.clock.move(seconds=1)
    make_role("reader", "users:read")
    house.enter(own, said)
    assert house.roles(person.id) == [], "it is another role of the same name (ATK-112)"


def test_groups_of_a_connection_of_the_platform_give_nothing(house: House) -> None:
    google = house.connect(group_roles={"finance": "FINANCE_ANALYST"})
    person, said = house.world.user(house.tenant), answer("1", groups=("finance",))
    house.link(person, google, said)
    house.enter(google, said)
    assert house.roles(person.id) == []


@pytest.mark.parametrize("due", ["tenant", "client", "factor"])
def test_a_second_factor_is_due_as_after_a_password(house: House, due: str) -> None:
    google, said = house.connect(), answer("1")
    person = house.world.user(house.tenant)
    if due == "factor":
        person = Owner(house.world, house.world.client(house.tenant)).user
    house.link(person, google, said)
    if due == "tenant":
        set_policy(house.world, house.tenant, mfa_required=True)
    outcome = house.enter(google, said, second_factor=due == "client")
    partial = house.partial(outcome)
    assert partial.factor_due
    assert partial.proven_at is None
    accepted = events(house.world, house.tenant.id, "upstream_sign_in.accepted")
    assert len(accepted) == 1
    with pytest.raises(AssertionError):
        house.arrive(outcome)


def test_the_providers_own_factor_counts_where_its_tenant_trusts_it(house: House) -> None:
    set_policy(house.world, house.tenant, mfa_required=True)
    own = house.connect(Kind.OIDC, own=True, trusts_amr=True)
    person, said = house.world.user(house.tenant), answer("1", amr=("pwd", "mfa"))
    house.link(person, own, said)
    live = house.arrive(house.enter(own, said))
    assert (live.level, live.amr) == (2, ("fed", "mfa"))
    without = house.enter(own, answer("1", amr=("pwd",)))
    assert house.partial(without).proven_at is None
    assert mails(house.world, person.id, "backup_codes_renewed") == []


@pytest.mark.parametrize("trusting", ["nobody", "platform"])
def test_it_counts_for_nobody_else(house: House, trusting: str) -> None:
    set_policy(house.world, house.tenant, mfa_required=True)
    own = trusting == "nobody"
    connection = house.connect(Kind.OIDC, own=own, trusts_amr=not own)
    person, said = house.world.user(house.tenant), answer("1", amr=("mfa",))
    house.link(person, connection, said)
    assert house.partial(house.enter(connection, said)).proven_at is None


def test_a_session_says_by_which_identity_it_began_or_went_on(house: House) -> None:
    google, said = house.connect(), answer("1")
    person = house.world.user(house.tenant)
    link = house.link(person, google, said)
    live = house.arrive(house.enter(google, said))
    assert identity_of(house, live.id) == link
    start = SessionStart(
        issuer="https://auth.example",
        user=live.user,
        level=1,
        amr=("pwd",),
        actor=acting(person),
        device=describe(""),
    )
    sessions = house.world.services.sessions
    first, name = house.write(lambda tx: sessions.start(tx, start))
    assert identity_of(house, first.id) is None, "a password came from nowhere else"
    for value in (link, None):
        again = replace(start, browser_token=name, identity_id=value)
        renewed, name = house.write(lambda tx, again=again: sessions.start(tx, again))
        assert renewed.id == first.id
        assert identity_of(house, first.id) == value


def identity_of(house: House, session_id: str) -> str | None:
    with house.world.services.database.read() as view:
        wanted = select(UserSession.identity_id).where(UserSession.id == session_id)
        found: str | None = view.tenant(house.tenant.id).scalar(wanted)
    return found


def test_a_password_that_has_to_be_changed_is_asked_for_as_ever(house: House) -> None:
    person, google, said = house.world.user(house.tenant), house.connect(), answer("1")
    house.link(person, google, said)
    edit(house.world, person, password_change_required=True)
    assert house.partial(house.enter(google, said)).change_due


def test_a_link_to_another_address_is_told_there_without_saying_whose(house: House) -> None:
    person, google = house.world.user(house.tenant), house.connect()
    there = gmail("elsewhere")
    house.link(person, google, answer("1", email=there))
    (mail,) = mails_to(house.world, there, house.tenant.id)
    assert person.email not in text_of(mail)
    assert "203.0.113.9" not in text_of(mail)
    assert "Google" in text_of(mail)


def test_an_address_that_the_provider_has_not_proved_gets_no_mail(house: House) -> None:
    person, google = house.world.user(house.tenant), house.connect(Kind.AZURE_AD)
    house.link(person, google, answer("1", email="victim@gmail.com", email_verified=False))
    assert mails_to(house.world, "victim@gmail.com", house.tenant.id) == []
    assert house.links()[0].email is None
