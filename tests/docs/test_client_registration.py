"""docs/client-registration.md: a tenant is opened, a client registers and reads it back."""

import json
import re
from collections.abc import Iterator

import pytest

from authserver.clients.keys import FRESH
from authserver.clients.logos.service import MAX_BYTES
from authserver.clients.options import Options
from authserver.clients.registering.policy import KINDS, UNUSED_FOR
from authserver.oauth.register.endpoint import RATE
from tests.docs.pages import Page
from tests.docs.reader import Reader, following

PAGE = "docs/client-registration.md"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with following(PAGE, tmp_path_factory.mktemp("registering")) as reader:
        yield reader


@pytest.mark.processes
def test_a_client_registers_and_reads_it_as_the_page_says(reader: Reader) -> None:
    [token] = re.findall(r"initial_access_token\s+(iat_\S+)", reader.type("open a tenant"))
    reader.environment["INITIAL_ACCESS_TOKEN"] = token
    made = json.loads(reader.type("register a client"))
    assert made["client_name"] == "Desk"
    assert made["client_secret"]
    reader.environment["REGISTRATION_CLIENT_URI"] = made["registration_client_uri"]
    reader.environment["REGISTRATION_ACCESS_TOKEN"] = made["registration_access_token"]
    assert json.loads(reader.type("read a registration"))["client_id"] == made["client_id"]


def test_the_page_has_the_numbers_and_names_of_the_code() -> None:
    page = Page.read(PAGE)
    assert f"for {UNUSED_FOR.days} days" in page.text
    assert f"{RATE.limit} times a minute" in page.text
    assert f"at most {MAX_BYTES // 1024} kB" in page.text
    assert FRESH.total_seconds() == 600
    assert "kept for ten minutes" in page.text
    assert set(page.table("Registering")) == set(KINDS)
    named = set(re.findall(r"[a-z_]{4,}", " ".join(page.table("Metadata"))))
    assert named - {"policy_uri", "tos_uri"} <= set(Options.__dataclass_fields__)
