import pytest

from authserver.sessions.cookies import CookiePolicy


@pytest.mark.attack("ATK-065")
def test_every_cookie_of_an_https_issuer_belongs_to_the_host_alone() -> None:
    policy = CookiePolicy.of("https://id.example.com")
    cookies = (policy.session, policy.flow, policy.device)
    assert [cookie.name for cookie in cookies] == [
        "__Host-as-session",
        "__Host-as-flow",
        "__Host-as-device",
    ]
    for cookie in cookies:
        attributes = cookie.attributes()
        assert attributes["secure"]
        assert attributes["httponly"]
        assert attributes["samesite"] == "Lax"
        assert attributes["path"] == "/"
        assert "domain" not in attributes


def test_on_a_loopback_http_issuer_the_cookies_work_without_secure() -> None:
    policy = CookiePolicy.of("http://localhost:8000")
    for cookie, name in ((policy.session, "as-session"), (policy.device, "as-device")):
        assert cookie.name == name
        assert not cookie.attributes()["secure"]
        assert cookie.attributes()["httponly"]


def test_only_the_device_outlives_the_browser() -> None:
    policy = CookiePolicy.of("https://id.example.com")
    assert policy.session.attributes()["max_age"] is None
    assert policy.flow.attributes()["max_age"] is None
    assert policy.device.attributes()["max_age"] == 400 * 24 * 3600
