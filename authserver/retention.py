"""What is deleted when: one row for each kind, in the order in which it goes.

docs/operations.md says the same to operators, and a test asks of every table whether it is here or
why it stays. Nothing here is needed any more for the answer that anybody gets: a row that is over
and one that is gone are refused alike. Events are never deleted, but
emptied where their tenant says so: privacy/keeping.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import aliased

from authserver.accounts.devices import KNOWN_FOR
from authserver.accounts.models import EVERYWHERE, UNTRUSTED, FailureCounter, KnownDevice
from authserver.admin.models import IdempotencyKey, TenantAccess
from authserver.api_keys.models import ApiKey
from authserver.audit.contacts.models import ContactLink
from authserver.clients.models import UsedAssertion
from authserver.delivery.models import OutboxMessage
from authserver.federation.models import OfferedIdentity, UpstreamRequest
from authserver.invitations.models import Invitation
from authserver.jobs.models import Job, JobPart, JobRefusal
from authserver.jobs.service import RECEIVING
from authserver.jobs.values import State
from authserver.links.models import MailedLink
from authserver.mfa.models import BackupCodeSheet, GuessCounter, PartialSignIn, TrustedBrowser
from authserver.moving.models import TenantCopyPart
from authserver.moving.service import LIFE
from authserver.oauth.assertions.models import UsedGrant
from authserver.oauth.device.models import DeviceAuthorization, UserCodeCounter
from authserver.oauth.dpop.models import UsedProof
from authserver.oauth.models import AuthorizationCode, PendingAuthorization, PushedRequest
from authserver.ops.files import of_files
from authserver.ops.pruning import Kind
from authserver.passkeys.models import PasskeyChallenge
from authserver.privacy.erasure.models import Erasure
from authserver.privacy.erasure.values import State as Erasing
from authserver.privacy.exports.models import DataExport, DataExportPart
from authserver.registration.models import RegistrationRequest
from authserver.roles.models import RoleAssignment
from authserver.sessions.models import UserSession
from authserver.settings import Settings
from authserver.tokens.models import LogoutNotice, RefreshToken, RevokedToken, TokenFamily
from authserver.trail_exports.models import TrailExport, TrailExportPart
from authserver.usage.models import ClientUsage, PlatformUsage, TenantUsage
from authserver.usage.policy import Grain
from authserver.webhooks.models import WebhookDelivery, WebhookSecret

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
_Figure = ClientUsage | TenantUsage | PlatformUsage

MONTH = timedelta(days=30)
QUARTER = timedelta(days=92)
FIGURES_KEPT = timedelta(days=800)


def kinds(settings: Settings) -> tuple[Kind, ...]:
    """Return everything that is deleted at some time."""
    # A used code that comes again ends its family: it is known for as long as that may live.
    replayed = settings.refresh_absolute + DAY
    return (
        *_asked_in(),
        *_administration(),
        *_jobs(),
        Kind("partial sign-ins", PartialSignIn, lambda now: PartialSignIn.expires_at <= now),
        Kind(
            "trusted browsers", TrustedBrowser, lambda now: TrustedBrowser.expires_at <= now - DAY
        ),
        Kind("shown backup codes", BackupCodeSheet, lambda now: BackupCodeSheet.expires_at <= now),
        Kind(
            "passkey challenges",
            PasskeyChallenge,
            lambda now: PasskeyChallenge.expires_at <= now - DAY,
        ),
        Kind("upstream requests", UpstreamRequest, lambda now: UpstreamRequest.expires_at <= now),
        Kind("offered identities", OfferedIdentity, lambda now: OfferedIdentity.expires_at <= now),
        Kind(
            "pending authorizations",
            PendingAuthorization,
            lambda now: PendingAuthorization.expires_at <= now - DAY,
        ),
        Kind("pushed requests", PushedRequest, lambda now: PushedRequest.expires_at <= now),
        *_grants(),
        *_told(),
        Kind("used assertions", UsedAssertion, lambda now: UsedAssertion.expires_at <= now - DAY),
        Kind("used proofs", UsedProof, lambda now: UsedProof.expires_at <= now),
        Kind("revoked tokens", RevokedToken, lambda now: RevokedToken.expires_at <= now - DAY),
        Kind(
            "authorization codes",
            AuthorizationCode,
            lambda now: AuthorizationCode.expires_at <= now - replayed,
        ),
        Kind("refresh tokens", RefreshToken, _refresh_token),
        Kind("token families", TokenFamily, _family),
        Kind("sessions", UserSession, _session),
        Kind("known devices", KnownDevice, lambda now: KnownDevice.last_seen_at <= now - KNOWN_FOR),
        Kind("password counters", FailureCounter, _failures),
        Kind("code counters", GuessCounter, _guesses),
        *_copies(),
        *_exports(),
        *_figures(),
    )


def _told() -> tuple[Kind, ...]:
    """Return what people and servers are told."""
    return (
        Kind("mails", OutboxMessage, _mail),
        Kind("logout notices", LogoutNotice, _logout),
        Kind(
            "webhook deliveries",
            WebhookDelivery,
            lambda now: WebhookDelivery.created_at <= now - MONTH,
        ),
        Kind("webhook secrets", WebhookSecret, lambda now: WebhookSecret.expires_at <= now),
    )


def _administration() -> tuple[Kind, ...]:
    """Return what administrators did for a while."""
    return (
        Kind("idempotency keys", IdempotencyKey, lambda now: IdempotencyKey.expires_at <= now),
        Kind("tenant accesses", TenantAccess, lambda now: TenantAccess.expires_at <= now - MONTH),
        Kind("ended roles", RoleAssignment, lambda now: RoleAssignment.until <= now - MONTH),
    )


def _copies() -> tuple[Kind, ...]:
    """Return copies of people's own data, and erasures that will not be."""

    def over(now: datetime) -> ColumnElement[bool]:
        # One that could not be made has no link; its job is over long before.
        never = and_(DataExport.expires_at.is_(None), DataExport.created_at <= now - WEEK)
        return or_(DataExport.expires_at <= now, never)

    names = ("contents of copies", "copies of personal data")
    copies = of_files(names, DataExport, DataExportPart, over=over)
    return (*copies, Kind("erasures called off", Erasure, _erasure))


def _exports() -> tuple[Kind, ...]:
    """Return exports of the trail."""
    names = ("contents of trail exports", "trail exports")
    return of_files(
        names, TrailExport, TrailExportPart, over=lambda now: TrailExport.expires_at <= now
    )


def _erasure(now: datetime) -> ColumnElement[bool]:
    """Tell what was called off a month ago, or never said twice. One that was done is the proof."""
    off = and_(Erasure.state == Erasing.CANCELLED.value, Erasure.ended_at <= now - MONTH)
    return or_(off, and_(Erasure.state == Erasing.ASKED.value, Erasure.link_until <= now - DAY))


def _figures() -> tuple[Kind, ...]:
    """Return figures: by the hour for a quarter, by the day for two years and a bit."""
    models: dict[str, type[_Figure]] = {
        "figures of clients": ClientUsage,
        "figures of tenants": TenantUsage,
        "figures of all": PlatformUsage,
    }
    return tuple(Kind(name, model, _figure(model)) for name, model in models.items())


def _figure(
    model: type[_Figure],
) -> Callable[[datetime], ColumnElement[bool]]:
    def over(now: datetime) -> ColumnElement[bool]:
        return or_(
            and_(model.grain == Grain.HOUR.value, model.at <= now - QUARTER),
            and_(model.grain == Grain.DAY.value, model.at <= now - FIGURES_KEPT),
        )

    return over


def _grants() -> tuple[Kind, ...]:
    """Return what waits for a person, what a grant used up, and keys that are over."""
    return (
        Kind(
            "devices",
            DeviceAuthorization,
            lambda now: DeviceAuthorization.expires_at <= now - DAY,
        ),
        Kind(
            "device code counters",
            UserCodeCounter,
            lambda now: UserCodeCounter.ends_at <= now - DAY,
        ),
        Kind("used grants", UsedGrant, lambda now: UsedGrant.expires_at <= now - DAY),
        Kind("API keys", ApiKey, _api_key),
    )


def _asked_in() -> tuple[Kind, ...]:
    """Return what lets people in by mail."""
    return (
        Kind("mailed links", MailedLink, lambda now: MailedLink.expires_at <= now - DAY),
        Kind("contact links", ContactLink, lambda now: ContactLink.expires_at <= now - DAY),
        Kind("invitations", Invitation, lambda now: Invitation.expires_at <= now - MONTH),
        Kind(
            "registrations",
            RegistrationRequest,
            lambda now: RegistrationRequest.expires_at <= now - DAY,
        ),
    )


def _jobs() -> tuple[Kind, ...]:
    """Return background jobs, what they work on, and what they refused.

    What a job works on goes with its end; here goes what was handed over and never started.
    """

    def over(now: datetime) -> ColumnElement[bool]:
        ended = and_(Job.ended_at.is_not(None), Job.expires_at <= now)
        return or_(ended, _abandoned(now))

    def parts(now: datetime) -> ColumnElement[bool]:
        return JobPart.job_id.in_(select(Job.id).where(over(now)))

    def refusals(now: datetime) -> ColumnElement[bool]:
        return JobRefusal.job_id.in_(select(Job.id).where(over(now)))

    def copies(now: datetime) -> ColumnElement[bool]:
        return TenantCopyPart.job_id.in_(select(Job.id).where(Job.ended_at <= now - LIFE))

    def jobs(now: datetime) -> ColumnElement[bool]:
        left = select(JobPart.job_id).where(JobPart.job_id == Job.id)
        said = select(JobRefusal.job_id).where(JobRefusal.job_id == Job.id)
        copy = select(TenantCopyPart.job_id).where(TenantCopyPart.job_id == Job.id)
        return and_(over(now), ~left.exists(), ~said.exists(), ~copy.exists())

    return (
        Kind("rows of jobs", JobPart, parts),
        Kind("refusals of jobs", JobRefusal, refusals),
        Kind("copies of tenants", TenantCopyPart, copies),
        Kind("jobs", Job, jobs),
    )


def _abandoned(now: datetime) -> ColumnElement[bool]:
    return and_(Job.state == State.RECEIVING.value, Job.created_at <= now - RECEIVING)


def _mail(now: datetime) -> ColumnElement[bool]:
    """Sent or given up. What a mail said is gone when it leaves; one given up may be retried."""
    return or_(OutboxMessage.sent_at <= now - MONTH, OutboxMessage.failed_at <= now - MONTH)


def _logout(now: datetime) -> ColumnElement[bool]:
    """Sent or given up."""
    return or_(LogoutNotice.sent_at <= now - MONTH, LogoutNotice.failed_at <= now - MONTH)


def _api_key(now: datetime) -> ColumnElement[bool]:
    """Revoked or ended a month ago: until then its owner sees what became of it."""
    return or_(ApiKey.revoked_at <= now - MONTH, ApiKey.expires_at <= now - MONTH)


def _is_over(now: datetime) -> ColumnElement[bool]:
    return TokenFamily.expires_at <= now - DAY


def _refresh_token(now: datetime) -> ColumnElement[bool]:
    """All generations of a family at once: without one of them, reuse would not be noticed."""
    return RefreshToken.family_id.in_(select(TokenFamily.id).where(_is_over(now)))


def _family(now: datetime) -> ColumnElement[bool]:
    left = select(RefreshToken.family_id).where(RefreshToken.family_id == TokenFamily.id)
    child = aliased(TokenFamily)
    children = select(child.id).where(child.parent_id == TokenFamily.id)
    return and_(_is_over(now), ~left.exists(), ~children.exists())


def _session(now: datetime) -> ColumnElement[bool]:
    """Tell what was over a month ago, ended before or not, once nothing refers to it any more."""
    past = UserSession.expires_at <= now - MONTH
    families = select(TokenFamily.id).where(TokenFamily.session_id == UserSession.id)
    codes = select(AuthorizationCode.id).where(AuthorizationCode.session_id == UserSession.id)
    return and_(past, ~families.exists(), ~codes.exists())


def _failures(now: datetime) -> ColumnElement[bool]:
    """Counters that stand at zero, and those of devices that nobody knows any more.

    What was guessed in a row stays, however old: else patience would give new guesses.
    """
    cleared = and_(FailureCounter.failures == 0, FailureCounter.updated_at <= now - MONTH)
    of_a_device = FailureCounter.device.not_in((UNTRUSTED, EVERYWHERE))
    return or_(cleared, and_(of_a_device, FailureCounter.updated_at <= now - KNOWN_FOR))


def _guesses(now: datetime) -> ColumnElement[bool]:
    """Counters without a wrong code since the last right one, whose lock is long over."""
    return and_(GuessCounter.in_a_row == 0, GuessCounter.updated_at <= now - MONTH)
