"""The link decision, every combination: a table of sentences, read from above (TOP-01).

The table says what must hold in words of its own; the combinations are all there are.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from itertools import product

import pytest

from authserver.core.net.email import parse_email
from authserver.federation.policy import Decision, House, Local, decide, is_authoritative
from authserver.federation.values import Connection, Identity, Kind

OURS, THEIRS = "acme.example", "evil.example"
PINNED, OTHER_TID = "tid-acme", "tid-evil"


@dataclass(frozen=True)
class Case:
    """One combination."""

    connection: Connection
    identity: Identity
    house: House
    linked: Local | None
    same_address: Local | None

    @property
    def decision(self) -> Decision:
        return decide(
            self.connection,
            self.identity,
            self.house,
            linked=self.linked,
            same_address=self.same_address,
        )

    @property
    def domain(self) -> str | None:
        return self.identity.email.domain if self.identity.email else None


def connections() -> list[Connection]:
    plain = [
        Connection("con_1", tenant, kind, kind.value, kind.value, "client")
        for kind in Kind
        for tenant in (None, "ten_1")
    ]
    entra = [one for one in plain if one.kind is Kind.AZURE_AD]
    restricted = [
        replace(one, allowed=allowed)
        for one in entra
        for allowed in ((PINNED,), (PINNED, OTHER_TID))
    ]
    enterprise = [
        replace(one, server="https://github.acme.example")
        for one in plain
        if one.kind is Kind.GITHUB
    ]
    everyone = [*plain, *restricted, *enterprise]
    closed = [replace(everyone[0], enabled=False), replace(everyone[1], link_only=True)]
    return [*everyone, *closed]


def identities() -> list[Identity]:
    emails = (None, f"ada@{OURS}", f"ada@{THEIRS}", "ada@gmail.com", f"ada@sub.{OURS}")
    return [
        Identity(
            "https://op.example",
            "42",
            "ada",
            email=parse_email(email) if email else None,
            email_verified=verified,
            domain=domain,
            tenant=tenant,
        )
        for email, verified, domain, tenant in product(
            emails, (True, False), (None, OURS, THEIRS), (None, PINNED, OTHER_TID)
        )
    ]


def houses() -> list[House]:
    return [
        House(links, creates, domains)
        for links, creates, domains in product(
            (True, False), (True, False), (frozenset(), frozenset({OURS}))
        )
    ]


def locals_() -> list[Local | None]:
    return [None, *(Local(*facts) for facts in product((True, False), repeat=5))]


LINKED = (None, Local(True, True, True, True), Local(False, True, False, True))


@cache
def cases() -> list[Case]:
    """Return all of them. Not when this is imported: every worker imports every test."""
    return [
        Case(*facts)
        for facts in product(connections(), identities(), houses(), LINKED, locals_())
        # Who is linked is found by the link: what has the address matters no more.
        if facts[3] is None or facts[4] in (None, Local(True, True, False, False, False))
    ]


def nobody_vouches(case: Case) -> bool:
    """The provider says nothing of the address that may be relied on."""
    return case.domain is None or not case.identity.email_verified


def foreign(case: Case) -> bool:
    """The address is of a domain that the tenant has not proved, in so many words."""
    return case.domain not in case.house.domains


def kind(*kinds: Kind) -> Callable[[Case], bool]:
    return lambda case: case.connection.kind in kinds


def all_of(*conditions: Callable[[Case], bool]) -> Callable[[Case], bool]:
    return lambda case: all(condition(case) for condition in conditions)


Row = tuple[str, Callable[[Case], bool], Decision]
TABLE: list[Row] = [
    (
        "a connection that is off lets nobody in",
        lambda c: not c.connection.enabled,
        Decision.REFUSE,
    ),
    ("one for linking signs nobody in", lambda c: c.connection.link_only, Decision.REFUSE),
    (
        "a link to an account that is off opens nothing",
        lambda c: c.linked is not None and not c.linked.open,
        Decision.REFUSE,
    ),
    ("who is linked signs in", lambda c: c.linked is not None, Decision.SIGN_IN),
    (
        "somebody new gets an account where the tenant makes them",
        lambda c: c.same_address is None and c.house.creates and c.domain is not None,
        Decision.CREATE,
    ),
    ("nobody has the address", lambda c: c.same_address is None, Decision.ASK),
    ("no provider speaks for an address it has not verified", nobody_vouches, Decision.ASK),
    ("the tenant links nobody by address", lambda c: not c.house.links_by_email, Decision.ASK),
    ("the account is off", lambda c: not _local(c).open, Decision.ASK),
    ("the account's own address is not proved", lambda c: not _local(c).verified, Decision.ASK),
    ("the account may do more than strangers", lambda c: _local(c).privileged, Decision.ASK),
    ("the account has another identity there", lambda c: _local(c).linked, Decision.ASK),
    ("a guest signs in at home", lambda c: _local(c).guest, Decision.ASK),
    (
        "GitHub verified its primary address",
        all_of(kind(Kind.GITHUB), lambda c: not c.connection.server),
        Decision.LINK,
    ),
    (
        "Google gives out its own addresses",
        all_of(kind(Kind.GOOGLE), lambda c: c.domain == "gmail.com"),
        Decision.LINK,
    ),
    ("nobody else speaks for a domain that the tenant has not proved", foreign, Decision.ASK),
    (
        "Google speaks for the Workspace of the domain",
        all_of(kind(Kind.GOOGLE), lambda c: c.identity.domain == c.domain),
        Decision.LINK,
    ),
    ("Google speaks for no other domain", kind(Kind.GOOGLE), Decision.ASK),
    (
        "the platform's provider is not the domain's",
        lambda c: c.connection.tenant_id is None,
        Decision.ASK,
    ),
    (
        "the tenant's own provider speaks for the tenant's domain",
        kind(Kind.OIDC, Kind.GITHUB),
        Decision.LINK,
    ),
    (
        "Entra speaks for the one directory that is pinned",
        lambda c: c.connection.allowed == (PINNED,) and c.identity.tenant == PINNED,
        Decision.LINK,
    ),
    ("Entra speaks for no other directory", kind(Kind.AZURE_AD), Decision.ASK),
]


def _local(case: Case) -> Local:
    assert case.same_address is not None, "a row above is for nobody with the address"
    return case.same_address


def row_of(case: Case) -> Row:
    return next(row for row in TABLE if row[1](case))


@pytest.mark.attack("ATK-004")
def test_every_combination_is_decided_as_the_table_says() -> None:
    met, wrong = set(), []
    for case in cases():
        sentence, _, decision = row_of(case)
        met.add(sentence)
        if case.decision is not decision:
            wrong.append((sentence, case))
    assert wrong[:3] == []
    assert met == {sentence for sentence, *_ in TABLE}, "a row that nothing meets promises nothing"


@pytest.mark.attack("ATK-001")
@pytest.mark.attack("ATK-002")
def test_no_directory_that_is_not_pinned_ever_reaches_an_account_by_its_address() -> None:
    foreigners = [
        case
        for case in cases()
        if case.connection.kind is Kind.AZURE_AD and case.identity.tenant != PINNED
    ]
    assert foreigners
    assert all(case.decision is not Decision.LINK for case in foreigners)


@pytest.mark.attack("ATK-022")
def test_without_a_proved_domain_only_public_mail_providers_link() -> None:
    linking = [
        case for case in cases() if not case.house.domains and case.decision is Decision.LINK
    ]
    assert {case.connection.kind for case in linking} == {Kind.GITHUB, Kind.GOOGLE}
    google = [case for case in linking if case.connection.kind is Kind.GOOGLE]
    assert {case.domain for case in google} == {"gmail.com"}
    assert {case.connection.server for case in linking} == {""}, "anybody runs a server"


def test_whoever_links_had_a_proved_address_on_both_sides() -> None:
    linking = [case for case in cases() if case.decision is Decision.LINK]
    assert linking
    for case in linking:
        assert case.identity.email_verified
        assert is_authoritative(case.connection, case.identity, case.house.domains)
        assert case.same_address
        assert case.same_address.verified
        assert not case.same_address.privileged


def test_a_subdomain_is_another_domain() -> None:
    connection = Connection("con_1", "ten_1", Kind.OIDC, "own", "Own", "client")
    identity = Identity(
        "https://op.example",
        "42",
        "ada",
        email=parse_email(f"ada@sub.{OURS}"),
        email_verified=True,
    )
    assert not is_authoritative(connection, identity, {OURS})
    assert is_authoritative(connection, identity, {f"sub.{OURS}"})
