"""Connectors over a clock that tests move, and the providers that they speak with."""

from collections.abc import Iterator

import pytest

from authserver.federation.connectors.making import Connectors
from tests.support.clock import ManualClock
from tests.support.providers import (
    AzureAd,
    GitHub,
    Google,
    OpenId,
    azure_ad,
    github,
    google,
    make_connectors,
    openid,
)


@pytest.fixture
def time() -> ManualClock:
    return ManualClock()


@pytest.fixture
def connectors(time: ManualClock) -> Connectors:
    return make_connectors(time)


@pytest.fixture
def provider(time: ManualClock) -> Iterator[OpenId]:
    """Any OpenID Connect provider, which knows Ada."""
    with openid(time) as there:
        there.person(email="ada@corp.example", name="Ada Lovelace")
        yield there


@pytest.fixture
def goo(time: ManualClock) -> Iterator[Google]:
    with google(time) as there:
        yield there


@pytest.fixture
def hub(time: ManualClock) -> Iterator[GitHub]:
    with github(time) as there:
        yield there


@pytest.fixture
def entra(time: ManualClock) -> Iterator[AzureAd]:
    with azure_ad(time) as there:
        yield there
