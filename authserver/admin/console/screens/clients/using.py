"""What helps to use a client: programs to paste, and a trial."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.clients.shown import AddressShown, ClientShown, SnippetList, TrialShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.values import cell
from authserver.admin.console.screen import Screen, Tab
from authserver.admin.console.screens.clients.registry import ABOUT, ONE
from authserver.admin.console.screens.clients.words import MACHINES, badges, kinds, path_of


class ClientUseScreens:
    """Screens that change nothing."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        return (
            Screen(f"{ONE}/snippets", "client_snippets", self.snippets, "list_client_snippets",
                   tab=Tab(ABOUT, _l("Programs")), below="clients"),
            Screen(f"{ONE}/test", "try_client", self.test, "try_client", tab=Tab(ABOUT, _l("Test")),
                   below="clients"),
        )  # fmt: skip

    def snippets(self, tenant_id: str, client_id: str) -> Response:
        """Show programs to paste."""
        one, path = self._read(tenant_id, client_id), path_of(tenant_id, client_id)
        found = self._console.read("list_client_snippets", SnippetList, path)[0]
        return self._page(one, "console/clients/snippets.html", snippets=found.items)

    def test(self, tenant_id: str, client_id: str) -> Response:
        """Say whether the viewer's address may call; and on request what a call would end in."""
        one, path = self._read(tenant_id, client_id), path_of(tenant_id, client_id)
        address = self._console.read("check_client_address", AddressShown, path)[0]
        trial = None
        if request.method == "POST":
            trial = _view(self._console.read("try_client", TrialShown, path)[0])
        return self._page(
            one,
            "console/clients/trial.html",
            address=address,
            trial=trial,
            is_machine=one.kind in MACHINES,
        )

    def _page(self, one: ClientShown, template: str, **context: Any) -> Response:  # noqa: ANN401  what a template reads
        marks = [cell(badge) for badge in badges(one)]
        return self._console.page(
            template, title=one.name, client=one, lead=kinds()[one.kind], badges=marks, **context
        )

    def _read(self, tenant_id: str, client_id: str) -> ClientShown:
        path = path_of(tenant_id, client_id)
        return self._console.read("read_client", ClientShown, path)[0]


@dataclass(frozen=True)
class StepView:
    """A step of a trial, in words."""

    words: str
    passed: bool
    reason: str | None


@dataclass(frozen=True)
class TrialView:
    """A trial, ready for a template; `claims` as JSON, empty where there is no token."""

    steps: tuple[StepView, ...]
    claims: str


def _view(trial: TrialShown) -> TrialView:
    words = _steps()
    steps = tuple(StepView(words[one.name], one.passed, one.reason) for one in trial.steps)
    claims = json.dumps(trial.claims, indent=2) if trial.claims else ""
    return TrialView(steps, claims)


def _steps() -> dict[str, str]:
    """Return what each step of a trial is about."""
    return {
        "enabled": _("The client is switched on"),
        "credential": _("It has a secret or a key that works"),
        "address": _("Your address may call"),
        "rate": _("The rate limit is not met"),
        "grant_type": _("It may use client_credentials"),
        "key": _("Its tokens need no key of its own"),
        "scope": _("It has the scopes"),
        "resource": _("It has the audience"),
        "token": _("A token is made"),
    }
