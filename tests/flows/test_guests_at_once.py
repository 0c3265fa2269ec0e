"""A guest account that several tabs open at the same moment."""

from tests.support.browser import Browser, answered
from tests.support.chooser import House, signed_in
from tests.support.parallel import together
from tests.support.world import World


def test_tabs_that_open_a_guest_together_share_one_session(world: World) -> None:
    house = House.build(world)
    ada = world.user(house.inner)
    guest = world.guest(ada, house.outer)
    narrow = world.client(house.outer, first_party=True)
    browser = signed_in(world, ada)
    cookie = browser.http.get_cookie("__Host-as-session", "auth.example")
    assert cookie is not None

    def tab(_number: int) -> str:
        other = Browser(world)
        other.http.set_cookie("__Host-as-session", cookie.value, domain="auth.example", secure=True)
        return answered(other.authorize(narrow))["code"]

    house.client = narrow
    claims = [house.redeemed(code) for code in together(6, tab)]
    assert {one["sub"] for one in claims} == {guest.id}
    assert len({one["sid"] for one in claims}) == 1
