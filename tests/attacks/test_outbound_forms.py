"""What an OAuth client sends, and what may come back: bounded like every document (TOP-14)."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from authserver.core.net.fetch import (
    FetchBusy,
    FetchedDocument,
    Fetcher,
    FetchFailed,
    FetchLimits,
    FetchRefused,
    FetchRequest,
    FetchRules,
    safe_fetch,
)
from tests.support.clock import ManualClock
from tests.support.providers import GitHub, Trouble, github

RULES = FetchRules(allow_loopback_http=True, total_seconds=20)
SECRET = "the-secret-that-no-log-may-hold"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def provider() -> Iterator[GitHub]:
    with github() as there:
        yield there


def post(provider: GitHub, *, rules: FetchRules = RULES, **more: object) -> FetchedDocument:
    form = urlencode({"code": SECRET})
    request = FetchRequest(**{"form": form, "any_status": True, "form_answers": True, **more})
    return safe_fetch(f"{provider.url}/login/oauth/access_token", request=request, rules=rules)


def test_a_form_is_sent_with_who_we_are(provider: GitHub) -> None:
    answer = post(provider, authorization="Basic Y2xpZW50OnNlY3JldA==")
    (asked,) = provider.asked
    assert (asked.method, asked.given) == ("POST", {"code": SECRET})
    assert asked.headers["content-type"] == FORM
    assert asked.headers["authorization"] == "Basic Y2xpZW50OnNlY3JldA=="
    assert asked.headers["accept"] == "application/json"
    assert answer.json()["error"] == "incorrect_client_credentials"


def test_an_answer_as_a_form_is_read_only_where_it_may_be_one(provider: GitHub) -> None:
    provider.answers_form = True
    answer = post(provider)
    assert answer.is_form
    assert answer.form()["error"] == "incorrect_client_credentials"
    with pytest.raises(FetchFailed, match="not JSON"):
        post(provider, form_answers=False)


@pytest.mark.parametrize(
    "body", [b"a=1&a=2", b"a=1&b", b"\xff=1", b"a=%ff", b"&".join([b"a=1"] * 40), b"{}"]
)
def test_a_form_that_can_be_read_in_two_ways_is_a_failure(body: bytes) -> None:
    with pytest.raises(FetchFailed, match="form"):
        FetchedDocument(200, body, {"content-type": FORM}).form()


def test_an_error_with_json_is_returned_only_where_it_was_asked_for(provider: GitHub) -> None:
    request = FetchRequest(authorization="Bearer nobody", any_status=True)
    answer = safe_fetch(f"{provider.url}/user", request=request, rules=RULES)
    assert (answer.status, answer.json()["message"]) == (401, "Bad credentials")
    with pytest.raises(FetchFailed, match="status 401") as failed:
        safe_fetch(f"{provider.url}/user", rules=RULES)
    assert failed.value.status == 401


def test_an_error_page_is_never_returned(provider: GitHub) -> None:
    provider.trouble["token"] = Trouble.STATUS_500
    with pytest.raises(FetchFailed, match="status 500") as failed:
        post(provider)
    assert failed.value.status == 500


@pytest.mark.attack("ATK-127")
def test_a_form_follows_no_redirect(provider: GitHub) -> None:
    provider.trouble["token"] = Trouble.REDIRECT
    with pytest.raises(FetchRefused, match="redirect"):
        post(provider)
    assert len(provider.asked) == 1


@pytest.mark.attack("ATK-129")
@pytest.mark.parametrize("trouble", [Trouble.HUGE, Trouble.DRIP, Trouble.HANG])
def test_a_form_waits_no_longer_and_reads_no_more(provider: GitHub, trouble: Trouble) -> None:
    provider.trouble["token"] = trouble
    with pytest.raises(FetchFailed, match=r"larger than|within|timed out"):
        post(provider, seconds=0.5)


def test_a_deadline_of_a_request_is_never_longer_than_the_rules(provider: GitHub) -> None:
    provider.trouble["token"] = Trouble.HANG
    rules = FetchRules(allow_loopback_http=True, total_seconds=0.2)
    with pytest.raises(FetchFailed, match=r"within 0\.2 seconds"):
        post(provider, rules=rules, seconds=100.0)


@pytest.mark.parametrize("evil", ["a\r\nX-Evil: 1", "a\nb", "ä", "a\0b", "a\x7fb", "a\u2028b"])
def test_a_header_cannot_become_two_and_its_value_is_in_no_text(evil: str) -> None:
    with pytest.raises(FetchRefused) as refused:
        FetchRequest(authorization=f"Bearer {SECRET}{evil}")
    assert SECRET not in str(refused.value)


def test_what_is_sent_is_in_no_text() -> None:
    request = FetchRequest(form=f"code={SECRET}", authorization=f"Bearer {SECRET}")
    assert SECRET not in repr(request)


def test_http_leads_to_this_machine_only_where_it_may(provider: GitHub) -> None:
    with pytest.raises(FetchRefused, match="not https"):
        post(provider, rules=FetchRules())
    assert provider.asked == []


def test_a_failed_post_is_sent_once_and_not_remembered(provider: GitHub) -> None:
    provider.trouble["token"] = Trouble.CLOSE
    fetcher = Fetcher(ManualClock(), rules=RULES)
    url = f"{provider.url}/login/oauth/access_token"
    for times in (1, 2):
        with pytest.raises(FetchFailed):
            fetcher.fetch(url, key="con_a", request=FetchRequest(form="code=1"))
        assert len(provider.asked) == times
    del provider.trouble["token"]
    assert fetcher.fetch(url, key="con_a", request=FetchRequest(form="code=1")).status == 200


def test_what_somebody_was_refused_is_not_remembered_for_others(provider: GitHub) -> None:
    fetcher = Fetcher(ManualClock(), rules=RULES)
    for times in (1, 2):
        with pytest.raises(FetchFailed, match="status 401"):
            fetcher.fetch(
                f"{provider.url}/user", key="con_a", request=FetchRequest(authorization="Bearer a")
            )
        assert len(provider.asked) == times


def test_a_limit_that_is_met_is_told_from_a_refusal(provider: GitHub) -> None:
    fetcher = Fetcher(ManualClock(), rules=RULES, limits=FetchLimits(per_minute=1))
    url = f"{provider.url}/login/oauth/access_token"
    fetcher.fetch(url, key="con_a", request=FetchRequest(form="code=1"))
    with pytest.raises(FetchBusy):
        fetcher.fetch(url, key="con_a", request=FetchRequest(form="code=1"))
    fetcher.fetch(url, key="con_b", request=FetchRequest(form="code=1"))
