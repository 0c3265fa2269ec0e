"""Google differs from others: workspaces, parameters of its own, an address that it answers for."""

import pytest

from authserver.federation.connectors.base import UpstreamRefused
from authserver.federation.connectors.making import Connectors
from authserver.federation.values import Connection, Identity
from tests.support.providers import (
    Google,
    Provider,
    query,
)
from tests.support.providers.visiting import connection, visit

EMPTY = {"server": ""}


def found(connectors: Connectors, to: Connection, provider: Provider) -> Identity:
    return visit(connectors, to, provider).complete().identity


def test_google_says_whose_workspace_it_is(connectors: Connectors, goo: Google) -> None:
    goo.person(email="ada@corp.example", domain="Corp.example")
    who = found(connectors, connection("google", goo), goo)
    assert who.email is not None
    assert (who.domain, who.email.domain, who.email_verified) == (
        "corp.example", "corp.example", True,
    )  # fmt: skip
    assert who.subject.isdecimal()


def test_an_address_that_google_has_not_verified_is_not(
    connectors: Connectors, goo: Google
) -> None:
    goo.person(email="ada@corp.example", email_verified=False)
    assert not found(connectors, connection("google", goo), goo).email_verified


@pytest.mark.parametrize("domain", [None, "other.example", "evil-corp.example", ""])
def test_only_the_allowed_workspaces_come_in_whatever_the_hint_said(
    connectors: Connectors, goo: Google, domain: str | None
) -> None:
    goo.person(email="ada@corp.example", domain=domain)
    with pytest.raises(UpstreamRefused, match="Workspace"):
        found(connectors, connection("google", goo, allowed=("corp.example",)), goo)


@pytest.mark.parametrize(
    ("allowed", "hint"),
    [((), None), (("corp.example",), "corp.example"), (("a.example", "b.example"), "*")],
)
def test_google_is_told_which_workspaces_are_wanted(
    connectors: Connectors, goo: Google, allowed: tuple[str, ...], hint: str | None
) -> None:
    to = connection("google", goo, allowed=allowed)
    sent = query(visit(connectors, to, goo, ui_locales=("fr",)).url())
    assert sent.get("hd") == hint
    assert sent["hl"] == "fr"
    assert not {"ui_locales", "prompt", "access_type"} & set(sent)


def test_google_gives_refresh_tokens_by_its_own_parameter(
    connectors: Connectors, goo: Google
) -> None:
    goo.person(email="ada@gmail.com")
    there = visit(connectors, connection("google", goo, keeps_tokens=True), goo)
    sent = query(there.url())
    assert (sent["access_type"], sent["prompt"]) == ("offline", "consent")
    assert "offline_access" not in sent["scope"]
    assert there.complete().tokens.refresh_token


def test_googles_claims_cannot_be_exchanged(connectors: Connectors, goo: Google) -> None:
    goo.person(email="ada@gmail.com", claims={"nickname": "victim@gmail.com", "groups": ["x"]})
    who = found(connectors, connection("google", goo, claims={"email": "nickname"}), goo)
    assert who.email is not None
    assert (who.email.canonical, who.groups) == ("ada@gmail.com", ())
