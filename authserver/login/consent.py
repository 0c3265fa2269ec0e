"""/login/consent: the person allows the client what it asks for, or refuses."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import request
from flask_babel import get_locale
from werkzeug.wrappers import Response

from authserver.audit.events import ActorKind, Event, EventType
from authserver.audit.service import Trail
from authserver.clients.resources.models import ResourceServer
from authserver.clients.resources.service import described
from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.core.web import MalformedRequest
from authserver.login.scopes import (
    ScopeView,
    ServiceView,
    describe_claims,
    in_words,
    services_in_words,
)
from authserver.login.step import Steps, back, speak_as
from authserver.login.views import account_view, device_view
from authserver.oauth import scopes
from authserver.oauth.authorize import consents, pending
from authserver.oauth.authorize.flow import Situation
from authserver.oauth.authorize.request import AuthorizationRequest
from authserver.oauth.device.service import Devices
from authserver.privacy.consents.service import ConsentRecords
from authserver.privacy.consents.values import Act, Decision, Text
from authserver.sessions.service import LiveSession
from authserver.tenants.names import TenantNames


@dataclass(frozen=True)
class Keeping:
    """Where answers are kept: for the next time, as the proof, and in the trail."""

    database: Database
    records: ConsentRecords
    trail: Trail
    clock: Clock


@dataclass(frozen=True)
class Said:
    """What a page asks for, as it shows it and as it is kept."""

    permissions: Sequence[ScopeView]
    services: Sequence[ServiceView]
    text: Text


@dataclass(frozen=True)
class Answer:
    """What somebody answered to a text."""

    account: LiveSession
    said: Text
    allowed: bool


class ConsentPage:
    """Shows who asks for what, and remembers the answer."""

    def __init__(
        self, steps: Steps, keeping: Keeping, *, names: TenantNames, devices: Devices
    ) -> None:
        """Take what stores the answer, and the devices that somebody may sign in."""
        self._steps = steps
        self._keeping = keeping
        self._names = names
        self._devices = devices

    def show(self) -> Response:
        """Show what is asked for."""
        situation = self._steps.load()
        account = self._steps.flow.account(situation)
        if account is None:
            return back(situation)
        said = self._said(situation, account)
        device = self._devices.of(situation)
        return self._steps.render(
            situation,
            "login/device/confirm.html" if device else "login/consent.html",
            device=device_view(device, self._devices) if device else None,
            user_code=situation.request.user_code,
            account=account_view(account.user, self._names),
            session_id=account.id,
            scopes=said.permissions,
            resources=said.services,
            text_hash=said.text.hash,
        )

    def _said(self, situation: Situation, account: LiveSession) -> Said:
        """Return what the person is told, in the person's language."""
        speak_as(account.user)
        audiences = _services(situation)
        known = self._known(situation, audiences)
        client, locale = situation.client, get_locale()
        permissions = _permissions(situation.request, known)
        services = services_in_words(audiences, known)
        text = Text(
            locale=str(locale) if locale else "",
            client=client.name,
            permissions=[(one.title, one.description) for one in permissions],
            services=[one.name or one.audience for one in services],
            links=[url for url in (client.tos_uri, client.policy_uri) if url],
        )
        return Said(permissions, services, text)

    def _known(self, situation: Situation, audiences: tuple[str, ...]) -> list[ResourceServer]:
        """Return what the client's tenant says of the services that permissions are for."""
        if not audiences:
            return []
        with self._keeping.database.read() as view:
            return described(view, situation.client.tenant.id, audiences)

    def submit(self) -> Response:
        """Take the answer and return to where the next step is decided."""
        situation = self._steps.load()
        account = self._steps.flow.account(situation)
        decision = request.form.get("decision")
        if decision not in {"allow", "deny"}:
            raise MalformedRequest("Choose to allow or to deny.")
        # What was shown for one account says nothing about another that was chosen meanwhile.
        if account is not None and request.form.get("account") == account.id:
            said, allowed = self._said(situation, account).text, decision == "allow"
            # Nor does what was read say anything about other words: the page is shown anew.
            if not allowed or request.form.get("text") == said.hash:
                answer = Answer(account, said, allowed)
                self._keeping.database.write(
                    lambda transaction: self._decide(transaction, situation, answer)
                )
        return back(situation)

    def _decide(self, transaction: Transaction, situation: Situation, answer: Answer) -> None:
        waiting, now = situation.pending, self._keeping.clock.now()
        account, allowed = answer.account, answer.allowed
        if waiting is None:
            raise ValueError("a consent page belongs to a pending request")
        if allowed:
            party = consents.Party(account.tenant_id, account.user.id, situation.client)
            consents.grant(transaction, party, request=situation.request, now=now)
            pending.remember_consent(transaction, waiting, account.id)
        else:
            pending.remember_denial(transaction, waiting, now)
        actor = replace(situation.browser.actor, kind=ActorKind.USER, principal=account.user.id)
        decision = Decision(
            Act.GRANTED if allowed else Act.DENIED,
            situation.client.id,
            situation.request.scope,
            situation.request.resources,
            sorted(situation.request.named_claims),
            answer.said,
        )
        self._keeping.records.add(transaction, account.tenant_id, decision, actor=actor)
        event = Event(
            EventType.CONSENT_GRANTED if allowed else EventType.CONSENT_DENIED,
            account.tenant_id,
            actor,
            subject=account.user.id,
            resource=f"client:{situation.client.id}",
            facts={
                "scope": situation.request.scope,
                "resources": situation.request.resources,
                **({"claims": named} if (named := sorted(situation.request.named_claims)) else {}),
            },
        )
        self._keeping.trail.record(transaction, event)


def _permissions(request: AuthorizationRequest, services: list[ResourceServer]) -> list[ScopeView]:
    """Return what is asked for, in words: scopes, then claims that none of them opens."""
    named = describe_claims(request.named_claims)
    return [*in_words(request.scope, services), *([named] if named else ())]


def _services(situation: Situation) -> tuple[str, ...]:
    """Return the services that the permissions are for: those that the token will name."""
    wanted, client = situation.request, situation.client
    if set(wanted.scope) <= set(scopes.OPENID_SCOPES):
        return tuple(wanted.resources)
    return scopes.audience(wanted.resources, client.audiences, situation.issuer.url)
