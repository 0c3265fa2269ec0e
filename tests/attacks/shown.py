"""What is mailed or shown to people, and told to clients' servers, beside everything else."""

from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlsplit

from werkzeug.test import TestResponse

from authserver.clients.options import Options
from authserver.links.policy import PATHS, Purpose
from authserver.registration.policy import PATH as REGISTRATION
from tests.attacks.everything import Consumer, Everything
from tests.attacks.mailed import link_for
from tests.attacks.people import Scene
from tests.privacy.test_exports import asked as copied
from tests.privacy.test_exports import link as link_to_copy
from tests.support.authenticator import Owner
from tests.support.browser import Browser, answered, hidden
from tests.support.joining import Guestbook, arrived, ask
from tests.support.mails import link_in, mails_to
from tests.support.signing_out import SignedIn, client_that_is_told, relying_parties, tokens_of
from tests.support.world import World

_LINKS = {
    Purpose.RESET_PASSWORD: "reset page",
    Purpose.UNLOCK: "unlocking page",
    Purpose.VERIFY_EMAIL: "page of addresses",
    Purpose.CHANGE_EMAIL: "page of a new address",
    Purpose.KEEP_EMAIL: "page of the old address",
}


@dataclass
class Said:
    """An answer whose status says whether the object was taken, whatever the page's own is."""

    status_code: int
    text: str


def _said(answer: TestResponse, *, taken: bool) -> Said:
    """Whoever fails (500) is no refusal."""
    refused = answer.status_code if answer.status_code >= 500 else 400
    return Said(200 if taken else refused, answer.text)


def with_people(old: Everything) -> tuple[Everything, Owner]:
    """Return everything, with what people and the servers of clients are given, and one of them."""
    world = old.on.world
    owner = Owner(world, old.on.client)
    guests = Guestbook(world)
    guests.open_to_all()
    newcomer = f"new.{guests.tenant.slug}@example.com"
    ask(world, world.client(guests.tenant), newcomer)
    person = world.user(old.on.tenant)
    copying = copied(world, person)
    objects = {
        **{f"link: {purpose}": _mailed(world, purpose) for purpose in _LINKS},
        "link: register": _value(_last_link(world, newcomer, guests.tenant.id)),
        "link: copy of the data": _value(link_to_copy(world, person)),
        "backup code": owner.codes[0],
        "logout token": _logout_token(world),
        "signed answer": _signed_answer(old),
        "form token": hidden(copying.get("/login/logout"))["csrf_token"],
    }
    doors = _doors(old, copying)
    right = {
        **old.right,
        **{name: set() for name in doors},
        **{
            page: old.right.get(page, set()) | {f"link: {purpose}"}
            for purpose, page in _LINKS.items()
        },
        "page for a new account": {"link: register"},
        "copy of the data": {"link: copy of the data"},
        "hint of a request": {"ID token"},
        "cookie of a session": {"session"},
    }
    both = replace(
        old,
        objects={**old.objects, **objects},
        consumers={**old.consumers, **doors},
        right=right,
    )
    return both, owner


def _doors(old: Everything, copying: Browser) -> dict[str, Consumer]:
    """Return what takes such objects. Mailed links are opened, as people do, and not used up."""
    world = old.on.world
    pages = {page: PATHS[purpose] for purpose, page in _LINKS.items()}
    pages["page for a new account"] = REGISTRATION
    return {
        **{name: _opens(world, path) for name, path in pages.items()},
        "copy of the data": lambda value: _said(
            answer := copying.get("/account/privacy/export", query_string={"about": value}),
            taken=answer.status_code == 200,
        ),
        "hint of a request": _hint(old),
        "hint of a sign-out": _sign_out(world),
        "cookie of a session": lambda value: _with_cookie(world, value),
        "form": lambda value: _with_form_token(world, value),
    }


def _opens(world: World, path: str) -> Consumer:
    def opened(value: str) -> Said:
        answer = arrived(world, f"https://auth.example{path}?token={value}")
        return _said(answer, taken=answer.status_code == 200)

    return opened


def taken_as_second_factor(of: Everything, owner: Owner) -> set[str]:
    """Return the objects that the page takes which asks a person for a code."""
    found = set()
    for name, value in of.objects.items():
        of.on.world.clock.move(hours=1)  # for as long a wrong code counts
        browser = Browser(of.on.world)
        page = owner.at_the_code(browser)
        assert page.request.path == "/login/mfa"
        answer = browser.submit(page, code=value, method="backup_code")
        if answer.status_code == 303:
            found.add(name)
    return found


def _hint(old: Everything) -> Consumer:
    """Whose ID token it is may be signed in without a page; anything else is refused."""
    browser, on = old.on.browser(), old.on
    browser.complete(on.client, on.person)

    def hinted(value: str) -> Said:
        answer = browser.authorize(on.client, prompt="none", id_token_hint=value)
        return _said(answer, taken=answer.status_code == 303 and "code" in answered(answer))

    return hinted


def _sign_out(world: World) -> Consumer:
    """No object of somebody else ends a session, or sends a browser away."""
    here = SignedIn(world)

    def left(value: str) -> Said:
        answer = here.logout(id_token_hint=value)
        asks = answer.headers.get("Location", "").startswith("/login/logout")
        return _said(answer, taken=not (asks and here.is_in()))

    return left


def _with_cookie(world: World, value: str) -> Said:
    browser = Browser(world)
    browser.http.set_cookie("__Host-as-session", value, domain="auth.example", secure=True)
    answer = browser.get("/account")
    return _said(answer, taken=answer.status_code == 200)


def _with_form_token(world: World, value: str) -> Said:
    browser = Browser(world)
    person = world.user(world.tenant())
    page = browser.get("/login/password?to=overview")
    form = {**hidden(page), "email": person.email, "password": person.password}
    answer = browser.post("/login/password", data={**form, "csrf_token": value})
    return _said(answer, taken=answer.status_code == 303)


def _mailed(world: World, purpose: Purpose) -> str:
    return _value(link_for(Scene(world), purpose))


def _value(link: str) -> str:
    """Return what is secret of a link."""
    [(value,)] = parse_qs(urlsplit(link).query).values()
    return value


def _last_link(world: World, address: str, tenant_id: str) -> str:
    return link_in(mails_to(world, address, tenant_id)[-1])


def _logout_token(world: World) -> str:
    with relying_parties(world) as there:
        tenant = world.tenant()
        person, browser = world.user(tenant), Browser(world)
        client = client_that_is_told(world, tenant, there)
        tokens_of(world, browser, client, person)
        browser.submit(browser.get("/login/logout"))
        world.services.logout.deliver_due()
        (told,) = there.told()
    return str(told.given["logout_token"])


def _signed_answer(old: Everything) -> str:
    options = Options(authorization_signed_response_alg="ES256")
    client = old.on.world.client(old.on.tenant, options=options)
    answer = old.on.browser().complete(client, old.on.person, response_mode="jwt")
    return answered(answer)["response"]
