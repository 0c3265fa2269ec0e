"""The frame of every screen: pages, and the flows that lists, forms and secrets have in common."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, g, get_flashed_messages, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from authserver.account.access import visitor
from authserver.account.views import AccountView, Moment, moment, picture_url
from authserver.admin.console.asking import NO_PATH, Asking
from authserver.admin.console.filling import Filled, fill, of_values
from authserver.admin.console.navigation import Navigation, tenant_id
from authserver.admin.console.pages import as_csv, wanted_page
from authserver.admin.console.parts.details import Detail
from authserver.admin.console.parts.fields import Form, Secret
from authserver.admin.console.parts.lists import Action, Listing
from authserver.admin.console.parts.values import Link, cell
from authserver.admin.console.visitor import caller
from authserver.admin.console.words import of_problem, title_of
from authserver.admin.models import TenantAccess
from authserver.admin.rest.operation import Reply
from authserver.core.problems import Problem
from authserver.sessions.service import LiveSession
from authserver.tenants.names import TenantNames

Done = Callable[[Reply], Response]


@dataclass(frozen=True)
class OpenTenant:
    """Another's tenant that the person has opened for a while."""

    reason: str
    until: Moment
    end_url: str


@dataclass(frozen=True)
class Urls:
    """Where the frame itself leads."""

    home: str
    tenants: str | None
    switch: str
    account: str
    logout: str
    api: str
    open_tenant: str | None

    @classmethod
    def of(cls, console: "Console") -> "Urls":
        """Return them for the person who looks."""
        return cls(
            home=url_for("console.home"),
            tenants=url_for("console.tenants") if console.may("list_tenants") else None,
            switch=url_for("account.tenants"),
            account=url_for("account.overview"),
            logout=url_for("login.logout"),
            api=url_for("api.docs"),
            open_tenant=url_for("console.open_tenant", tenant_id=tenant_id())
            if console.may("open_access")
            else None,
        )


class Console:
    """What screens are built with. `navigation` is there once all screens are."""

    navigation: Navigation

    def __init__(self, asking: Asking, names: TenantNames) -> None:
        """Take what asks for operations, and the names of tenants."""
        self._asking = asking
        self._names = names
        self.ask, self.may, self.read = asking.ask, asking.may, asking.read
        self.note = asking.note

    def may_in(self, does: str, tenant_id: str) -> bool:
        """Tell whether the person may ask for it in this tenant now, opened or their own."""
        inside = tenant_id == caller().tenant_id or bool(g.get("opened"))
        return inside and self.may(does)

    def places(self) -> dict[str, str]:
        """Return the names of the tenants in which the person works now, by their ids."""
        ids = [caller().tenant_id, *(one.tenant_id for one in openings())]
        return {one: self._names.of(one) for one in dict.fromkeys(ids)}

    def page(self, template: str, *, status: int = 200, **context: object) -> Response:
        """Return a page in the frame."""
        who = visitor()
        tenant = tenant_id()
        page = render_template(
            template,
            me=self._account(who.session),
            others=[self._account(one) for one in who.others],
            here_tenant=self._names.of(tenant),
            own=tenant == caller().tenant_id,
            opened=_opened(),
            places=[Link(name, _place(one)) for one, name in self.places().items()],
            parts=self.navigation.parts(),
            tabs=self.navigation.tabs(),
            here=here(),
            urls=Urls.of(self),
            asked=g.get("asked", ()),
            messages=get_flashed_messages(category_filter=["message"]),
            alerts=get_flashed_messages(category_filter=["error"]),
            undo=next(iter(get_flashed_messages(category_filter=["undo"])), None),
            **context,
        )
        return Response(page, status, mimetype="text/html", headers={"Cache-Control": "no-store"})

    def show_list(self, listing: Listing, path: Mapping[str, str] = NO_PATH) -> Response:
        """Return a list: a page of it, or all of it as CSV."""
        wanted = wanted_page(listing)
        if listing.files and request.args.get("format") == "csv":
            return as_csv(self._asking, listing, path, wanted=wanted.filters)
        content: Any = self.ask(listing.does, path, given=wanted.given).content
        return self.page(
            listing.template,
            listing=listing,
            view=listing.view(content.items) if listing.view else None,
            title=listing.title,
            actions=self._allowed(listing.actions),
            found=wanted.shown(content, may_take=listing.files),
        )

    def show_detail(self, detail: Detail, **more: Any) -> Response:  # noqa: ANN401  what templates show
        """Return a screen about one thing, with what its template shows beside that."""
        sections = [
            {
                "title": section.title,
                "lead": section.lead,
                "facts": [(fact.label, cell(fact.value), fact.hint) for fact in section.facts],
                "table": section.table,
                "actions": self._allowed(section.actions),
            }
            for section in detail.sections
        ]
        return self.page(
            detail.template,
            title=detail.title,
            detail=detail,
            badges=[cell(badge) for badge in detail.badges],
            sections=sections,
            actions=self._allowed(detail.actions),
            **more,
        )

    def fill(self, form: Form, done: Done) -> Response:
        """Show a form; or do what was sent, and go on with `done`; or show why it was not."""
        self.note(form.does, form.path)
        if request.method != "POST":
            return self._form(form, of_values(form))
        outcome = fill(self._asking, form)
        if isinstance(outcome, Reply):
            return done(outcome)
        return self._form(form, outcome)

    def settle(self, form: Form, said: str, *, onward: str = "") -> Response:
        """Show a form; once it is done, go back to where it came from, or onward, and say so."""
        return self.fill(form, lambda _reply: self.go(onward or form.back, said))

    def show_secret(self, secret: Secret) -> Response:
        """Show a secret, this once: the answer to the form that made it."""
        values = [*secret.values.items()]
        return self.page("console/secret.html", title=secret.title, secret=secret, values=values)

    def go(self, url: str, said: str = "") -> Response:
        """Go to another screen, which says what was done."""
        if said:
            flash(said)
            undo = self.navigation.undo() if request.method == "POST" else None
            if undo:
                flash(undo, "undo")
        return redirect(url, code=303)

    def refuse(self, problem: Problem) -> Response:
        """Return the page of a refusal, within the frame."""
        page = self.page(
            "console/problem.html",
            status=problem.status,
            title=title_of(problem),
            text=of_problem(problem),
            code=problem.code,
        )
        page.headers.extend(problem.headers)
        return page

    def _form(self, form: Form, filled: Filled) -> Response:
        status = filled.status
        return self.page(form.template, status=status, title=form.title, form=form, filled=filled)

    def _allowed(self, actions: Sequence[Action]) -> list[Action]:
        return [action for action in actions if self.may(action.does)]

    def _account(self, live: LiveSession) -> AccountView:
        user = live.user
        tenant, picture = self._names.of(live.tenant_id), picture_url(user.picture_id)
        return AccountView(live.id, user.name, user.email, tenant, picture)


def openings() -> list[TenantAccess]:
    """Return what the person has open of others' tenants."""
    found: list[TenantAccess] = g.get("openings", [])
    return found


def here() -> str:
    """Return the URL of the present screen without its query: where its forms are sent."""
    return url_for(request.endpoint or "console.home", **(request.view_args or {}))


def _place(tenant_id: str) -> str:
    return url_for("console.overview", tenant_id=tenant_id)


def _opened() -> OpenTenant | None:
    row: TenantAccess | None = g.get("opened")
    if row is None:
        return None
    end = url_for("console.close_tenant", tenant_id=row.tenant_id)
    return OpenTenant(row.reason, moment(row.expires_at), end)
