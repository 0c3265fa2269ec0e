"""How people sign in, built from the settings: part of the wiring, beside services.py."""

from collections.abc import Mapping
from dataclasses import dataclass

from authserver.accounts.attempts.lockout import Lockout, UnlockUrl
from authserver.accounts.attempts.values import Around
from authserver.accounts.directory import UserSnapshot
from authserver.accounts.password_change import PasswordChange
from authserver.accounts.passwords.hasher import PasswordHasher, PooledHasher
from authserver.accounts.passwords.schemes import Argon2id, Bcrypt, Scheme
from authserver.accounts.passwords.stored import has_argon2
from authserver.accounts.policy import LockoutRules
from authserver.accounts.service import AccountService
from authserver.accounts.signin import SignIn
from authserver.audit.service import Trail
from authserver.core.cache import Watch
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Database, Transaction
from authserver.core.hashing import HashingPool
from authserver.federation import identities
from authserver.federation.entering import FederatedSignIn
from authserver.federation.entering import Tools as EnteringTools
from authserver.federation.identities import Identities
from authserver.federation.journeys import Connectors
from authserver.federation.offered import Offers
from authserver.federation.people.beginning import Beginning
from authserver.federation.people.making import Newcomers
from authserver.federation.tokens.current import CurrentTokens
from authserver.federation.tokens.vault import Vault
from authserver.invitations.acceptance import Acceptance
from authserver.invitations.service import Invitations
from authserver.links.email_change import EmailChange
from authserver.links.recovery import Recovery, Tools
from authserver.links.service import Links
from authserver.links.unlocking import Unlocking
from authserver.links.verification import Verification
from authserver.mfa.guessing import Guessing
from authserver.mfa.notices import Reports
from authserver.mfa.own import ending
from authserver.mfa.own.changes import Changes
from authserver.mfa.own.service import OwnFactors
from authserver.mfa.passkeys.own import OwnPasskeys
from authserver.mfa.passkeys.signing_in import PasskeySignIn
from authserver.mfa.passkeys.tools import Tools as PasskeyTools
from authserver.mfa.policy import GuessRules
from authserver.mfa.service import SecondFactors
from authserver.passkeys.party import RelyingParty
from authserver.registration.completion import Completion
from authserver.registration.service import Limits, Registration
from authserver.roles.service import RoleService
from authserver.sessions.own import OwnSessions
from authserver.sessions.service import SessionService
from authserver.sessions.traces import Traces
from authserver.settings import ARGON2ID, Settings, SettingsError
from authserver.tenants.limits.entrance import Entrance
from authserver.tenants.numbers import Numbers, Tightened
from authserver.tenants.policy import SessionLives
from authserver.tenants.service import password_pepper
from authserver.usage.meter import Meter
from authserver.webhooks.following import Follower
from authserver.wiring.tenancy.limits import make_limits


@dataclass(frozen=True)
class Ground:
    """What nearly everything stands on."""

    settings: Settings
    database: Database
    keyring: Keyring
    trail: Trail
    clock: Clock
    meter: Meter
    watch: Watch
    follower: Follower

    @property
    def numbers(self) -> Numbers:
        """Return what holds at signing in where a tenant has not tightened it."""
        return Numbers.of_settings(self.settings)


@dataclass(frozen=True)
class MailedLinks:
    """What the links of mails do."""

    recovery: Recovery
    verification: Verification
    unlocking: Unlocking
    email: EmailChange
    invitations: Invitations
    acceptance: Acceptance
    registration: Registration
    completion: Completion


@dataclass(frozen=True)
class Passkeys:
    """What signs in with passkeys, and what lets people change their own."""

    sign_in: PasskeySignIn
    own: OwnPasskeys


@dataclass(frozen=True)
class Upstream:
    """What signs people in by providers, and links them."""

    sign_in: FederatedSignIn
    identities: Identities
    offers: Offers
    tokens: CurrentTokens


def make_accounts(ground: Ground) -> AccountService:
    """Return what changes accounts; the first proof of an address ends every other way in."""
    entrance = Entrance(make_limits(ground.trail, ground.clock))
    return AccountService(ground.trail, ground.clock, _wipe, entrance=entrance)


def _wipe(transaction: Transaction, user: UserSnapshot) -> Mapping[str, object]:
    gone = identities.forget_all(transaction, user)
    return {**ending.wipe(transaction, user), "identities": gone}


def make_hasher(ground: Ground) -> PooledHasher:
    """Return what hashes passwords, with the installation's pepper."""
    settings = ground.settings
    pool = HashingPool(running=settings.hashing_running, waiting=settings.hashing_waiting)

    def pepper() -> bytes:
        with ground.database.read() as view:
            return password_pepper(view, ground.keyring)

    return PooledHasher(PasswordHasher(pepper, _scheme(settings)), pool)


def _scheme(settings: Settings) -> Scheme:
    if settings.password_scheme != ARGON2ID:
        return Bcrypt(settings.bcrypt_rounds)
    if not has_argon2():
        raise SettingsError(
            "AUTHSERVER_PASSWORD_SCHEME is argon2id, which needs: pip install 'authserver[argon2]'"
        )
    return Argon2id()


def session_lives(settings: Settings) -> SessionLives:
    """Return how long sessions live where a tenant has not shortened it."""
    return SessionLives(settings.session_idle, settings.session_absolute)


def make_sessions(ground: Ground) -> tuple[SessionService, OwnSessions]:
    """Return what begins and ends sessions, and what shows people their own."""
    settings, keyring, clock = ground.settings, ground.keyring, ground.clock
    lifetimes = session_lives(settings)
    sessions = SessionService(
        ground.database, lifetimes=lifetimes, trail=ground.trail, keyring=keyring, clock=clock
    )
    own = OwnSessions(sessions, lifetimes=lifetimes, traces=Traces(keyring), clock=clock)
    return sessions, own


def make_mailed_links(ground: Ground, hasher: PooledHasher) -> MailedLinks:
    """Return what mailed links do."""
    settings, trail, clock = ground.settings, ground.trail, ground.clock
    numbers = ground.numbers
    tools = Tools(
        database=ground.database,
        links=Links(settings.issuer, numbers=numbers, clock=clock),
        accounts=make_accounts(ground),
        trail=trail,
        keyring=ground.keyring,
        clock=clock,
    )
    roles = RoleService(trail, clock)
    limits = Limits(numbers, settings.registration_mails)
    return MailedLinks(
        Recovery(tools, hasher, mails_an_hour=settings.recovery_mails),
        Verification(tools, mails_an_hour=settings.recovery_mails),
        Unlocking(tools),
        EmailChange(tools, mails_an_hour=settings.recovery_mails),
        Invitations(tools, roles, numbers=numbers),
        Acceptance(tools, roles, hasher),
        Registration(tools, limits),
        Completion(tools, roles, hasher),
    )


def make_passwords(
    ground: Ground, hasher: PooledHasher, *, lockout: Lockout, around: Around
) -> tuple[SignIn, PasswordChange]:
    """Return what takes passwords: both count wrong ones in the same way."""
    database, trail, clock = ground.database, ground.trail, ground.clock
    sign_in = SignIn(
        database, hasher=hasher, lockout=lockout, trail=trail, clock=clock, around=around
    )
    change = PasswordChange(
        database=database,
        hasher=hasher,
        lockout=lockout,
        trail=trail,
        keyring=ground.keyring,
        clock=clock,
        throttle=around.throttle,
    )
    return sign_in, change


def make_second_factors(ground: Ground) -> tuple[SecondFactors, OwnFactors]:
    """Return what asks for second factors, and what lets people change their own."""
    keyring, clock, reports = ground.keyring, ground.clock, _reports(ground)
    factors = SecondFactors(
        _guessing(ground),
        reports=reports,
        keyring=keyring,
        clock=clock,
        numbers=ground.numbers,
    )
    own = OwnFactors(
        _changes(ground), reports, keyring=keyring, clock=clock, numbers=ground.numbers
    )
    return factors, own


def make_passkeys(ground: Ground, factors: SecondFactors) -> Passkeys:
    """Return what signs in with passkeys, and what lets people change their own."""
    tools = PasskeyTools(
        factors,
        _guessing(ground),
        party=RelyingParty.of(ground.settings.issuer),
        reports=_reports(ground),
        clock=ground.clock,
    )
    return Passkeys(PasskeySignIn(tools), OwnPasskeys(tools, _changes(ground)))


def make_upstream(ground: Ground, factors: SecondFactors, connectors: Connectors) -> Upstream:
    """Return what signs people in by providers, and acts for them there."""
    reports, roles = _reports(ground), RoleService(ground.trail, ground.clock)
    vault = Vault(ground.keyring)
    linking = Identities(reports, vault)
    offers = Offers(linking, reports)
    tools = EnteringTools(
        Beginning(factors, reports),
        Newcomers(make_accounts(ground), roles, reports),
        identities=linking,
        offers=offers,
        reports=reports,
    )
    tokens = CurrentTokens(
        ground.database, vault, connectors, keyring=ground.keyring, reports=reports
    )
    return Upstream(FederatedSignIn(tools), linking, offers, tokens)


def _changes(ground: Ground) -> Changes:
    return Changes(_reports(ground), keyring=ground.keyring, clock=ground.clock)


def _reports(ground: Ground) -> Reports:
    return Reports(ground.trail, ground.keyring, ground.clock)


def _guessing(ground: Ground) -> Guessing:
    numbers, in_a_row = ground.numbers, ground.settings.second_factor_reset_attempts

    def rules_of(own: Tightened | None) -> GuessRules:
        tenants = numbers.of(own)
        return GuessRules(
            in_a_flow=tenants.second_factor_flow_attempts,
            in_an_hour=tenants.second_factor_hour_attempts,
            in_a_row=in_a_row,
        )

    return Guessing(rules_of, ground.trail, ground.keyring)


def make_lockout(ground: Ground, unlock_url: UnlockUrl) -> Lockout:
    """Return what counts wrong passwords."""
    numbers, reset_attempts = ground.numbers, ground.settings.lockout_reset_attempts

    def rules_of(own: Tightened | None) -> LockoutRules:
        tenants = numbers.of(own)
        return LockoutRules(
            attempts=tenants.lockout_attempts,
            first_lock=tenants.lockout_time,
            reset_attempts=reset_attempts,
        )

    return Lockout(rules_of, ground.trail, ground.keyring, unlock_url=unlock_url)
