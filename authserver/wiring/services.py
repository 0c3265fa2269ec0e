"""Everything the server is made of, built once from the settings: part of app.py's wiring.

Lanes, pages and commands take what they need from here; nothing looks anything up at run time.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from authserver.accounts.attempts.throttle import Throttle
from authserver.accounts.attempts.values import Around
from authserver.accounts.password_change import PasswordChange
from authserver.accounts.passwords.hasher import PooledHasher
from authserver.accounts.passwords.renewal import PasswordRenewal
from authserver.accounts.pictures.service import Pictures
from authserver.accounts.profiles import Profiles
from authserver.accounts.service import AccountService
from authserver.accounts.signin import SignIn
from authserver.audit.service import Trail
from authserver.audit.subjects import Subjects
from authserver.clients.amending import Amendments
from authserver.clients.keys import ClientKeys
from authserver.clients.logos.service import Logos
from authserver.clients.resources.service import ResourceServers
from authserver.clients.rotation.service import SecretExpiry
from authserver.clients.service import ClientService
from authserver.core.cache import Watch
from authserver.core.clock import Clock, SystemClock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Database, make_engine
from authserver.core.ids import random_bytes
from authserver.core.limits.buckets import Limiter, make_limiter
from authserver.core.net.fetch import Fetcher
from authserver.delivery.queue import Outbox
from authserver.delivery.worker import MailWorker
from authserver.federation.connectors.line import make_fetcher
from authserver.federation.connectors.making import Connectors
from authserver.mfa.own.service import OwnFactors
from authserver.mfa.service import SecondFactors
from authserver.oauth.assertions.keys import IssuerKeySets
from authserver.oauth.assertions.service import TrustedIssuers
from authserver.oauth.exchange.service import ExchangeRules
from authserver.oauth.logout.worker import LogoutWorker
from authserver.ops.chores import Chores
from authserver.ops.pruning import Pruner
from authserver.roles.custom import CustomRoles
from authserver.roles.service import RoleService
from authserver.sessions.endings import Endings
from authserver.sessions.guests import GuestSessions
from authserver.sessions.own import OwnSessions
from authserver.sessions.service import SessionService
from authserver.settings import Settings
from authserver.streaming.service import Streams
from authserver.tenants import snapshot
from authserver.tenants.service import TenantService
from authserver.tokens.issuer import Mint
from authserver.tokens.keys import KeyService
from authserver.tokens.people.subjects import SubjectIdentifiers
from authserver.tokens.responses import Wrapping
from authserver.tokens.rotation import KeyCalendar
from authserver.usage.making import Metering, make_metering, told_of
from authserver.usage.meter import Meter
from authserver.webhooks.following import Follower
from authserver.wiring.background.chores import make_chores
from authserver.wiring.background.mailing import make_mail
from authserver.wiring.caches import Caches, make_caches
from authserver.wiring.clients.keeping import SelfService, make_clients
from authserver.wiring.federating import Federation, make_federation
from authserver.wiring.fetching import REQUEST_OBJECTS
from authserver.wiring.keys.api_keys import ApiKeyParts, make_api_keys
from authserver.wiring.keys.master import load_keyring
from authserver.wiring.keys.signing import make_calendar, make_key_service
from authserver.wiring.minting import make_minting, token_lives
from authserver.wiring.signing_in import (
    Ground,
    MailedLinks,
    Passkeys,
    Upstream,
    make_accounts,
    make_hasher,
    make_lockout,
    make_mailed_links,
    make_passkeys,
    make_passwords,
    make_second_factors,
    make_sessions,
    make_upstream,
    session_lives,
)
from authserver.wiring.signing_out import make_logout
from authserver.wiring.telling.making import WebhookParts, make_telling
from authserver.wiring.telling.outbound import outbound_rules
from authserver.wiring.trail.sequencing import Proving, make_proving


@dataclass(frozen=True)
class Services:
    """The server's parts."""

    settings: Settings
    clock: Clock
    keyring: Keyring
    database: Database
    trail: Trail
    proving: Proving
    meter: Meter
    watch: Watch
    follower: Follower
    usage: Metering
    hasher: PooledHasher
    limiter: Limiter
    tenants: TenantService
    accounts: AccountService
    roles: RoleService
    custom_roles: CustomRoles
    clients: ClientService
    amendments: Amendments
    client_keys: ClientKeys
    logos: Logos
    self_service: SelfService
    resources: ResourceServers
    expiry: SecretExpiry
    client_documents: Fetcher
    exchanges: ExchangeRules
    assertions: TrustedIssuers
    issuer_keys: IssuerKeySets
    keys: KeyService
    key_calendar: KeyCalendar
    profiles: Profiles
    pictures: Pictures
    sessions: SessionService
    own_sessions: OwnSessions
    factors: SecondFactors
    own_factors: OwnFactors
    passkeys: Passkeys
    upstream: Upstream
    sign_in: SignIn
    password_change: PasswordChange
    password_renewal: PasswordRenewal
    mailed: MailedLinks
    federation: Federation
    connectors: Connectors
    subjects: SubjectIdentifiers
    wrapping: Wrapping
    mint: Mint
    caches: Caches
    api_keys: ApiKeyParts
    outbox: Outbox
    mail: MailWorker
    logout: LogoutWorker
    webhooks: WebhookParts
    streams: Streams
    chores: Chores

    @property
    def pruner(self) -> Pruner:
        """Return what deletes what is over."""
        return self.chores.pruner

    @property
    def guests(self) -> GuestSessions:
        """Return what opens guest accounts."""
        return GuestSessions(self.sessions)

    @property
    def endings(self) -> Endings:
        """Return what ends a person's sessions for an operator."""
        return Endings(self.accounts, self.trail, self.keyring, self.clock)


def build(settings: Settings, clock: Clock | None = None, engine: Engine | None = None) -> Services:
    """Build the parts; nothing is opened yet. Raises MasterKeyError, SettingsError."""
    ground = _ground(settings, clock or SystemClock(), engine)
    clock, keyring, database = ground.clock, ground.keyring, ground.database
    usage = make_metering(ground.meter, database, clock)
    keys = make_key_service(ground)
    caches = make_caches(database, keys, ground.watch)
    outbox = Outbox(database, clock, spread=lambda: random_bytes(1)[0] / 255)
    registers = _registers(ground, keys)
    chores = make_chores(ground, registers)
    calendar = make_calendar(ground, keys, caches)
    api_keys = make_api_keys(ground, registers["roles"], caches.watch)
    lookups = registers["federation"].lookups
    ticks = (*chores.ticks, api_keys.warned, lookups.tick, calendar.tick, usage.notes.tick)
    mail = make_mail(ground, outbox, ticks)
    hasher, accounts = make_hasher(ground), make_accounts(ground)
    sessions, own = make_sessions(ground)
    mailed = make_mailed_links(ground, hasher)
    factors, own_factors = make_second_factors(ground)
    limiter = make_limiter(settings.redis_url)
    lockout = make_lockout(ground, mailed.unlocking.url)
    around = Around(factors, _throttle(settings, limiter, caches))
    sign_in, change = make_passwords(ground, hasher, lockout=lockout, around=around)
    return Services(
        **vars(ground),
        usage=usage,
        hasher=hasher,
        limiter=limiter,
        accounts=accounts,
        keys=keys,
        key_calendar=calendar,
        **registers,
        sessions=sessions,
        own_sessions=own,
        outbox=outbox,
        mail=mail,
        **vars(make_telling(ground, outbound_rules(settings))),
        chores=chores,
        factors=factors,
        own_factors=own_factors,
        passkeys=make_passkeys(ground, factors),
        upstream=make_upstream(ground, factors, registers["connectors"]),
        sign_in=sign_in,
        password_change=change,
        password_renewal=PasswordRenewal(database, hasher, accounts, keyring, clock),
        mailed=mailed,
        **_tokens(ground, caches, registers["client_keys"]),
        caches=caches,
        api_keys=api_keys,
    )


def _ground(settings: Settings, clock: Clock, engine: Engine | None) -> Ground:
    keyring = load_keyring(settings)
    database = Database(engine or make_engine(settings.sqlalchemy_url))
    meter = Meter(clock)
    watch = Watch(lambda: snapshot.read_version(database))
    follower = Follower(database, watch)
    subjects = Subjects(database, keyring, clock)
    trail = Trail(subjects, clock, told_of(meter), follow=follower.follow)
    return Ground(settings, database, keyring, trail, clock, meter, watch, follower)


def _registers(ground: Ground, keys: KeyService) -> dict[str, Any]:
    """Return what keeps tenants, their clients, and what people say of themselves."""
    trail, clock, loopback = ground.trail, ground.clock, ground.settings.is_loopback
    tenants = TenantService(
        trail,
        clock,
        lives=session_lives(ground.settings),
        tokens=token_lives(ground.settings),
        numbers=ground.numbers,
    )
    return {
        "proving": make_proving(ground),
        "tenants": tenants,
        "roles": RoleService(trail, clock),
        "custom_roles": CustomRoles(trail, clock),
        **vars(make_clients(ground, keys, outbound_rules(ground.settings))),
        "client_documents": Fetcher(
            clock, rules=outbound_rules(ground.settings), limits=REQUEST_OBJECTS
        ),
        "assertions": TrustedIssuers(
            trail, clock, own_issuer=ground.settings.issuer, allow_http_loopback=loopback
        ),
        "issuer_keys": IssuerKeySets(clock, make_fetcher(clock, outbound_rules(ground.settings))),
        "exchanges": ExchangeRules(trail, clock, allow_http_loopback=loopback),
        "profiles": Profiles(trail, clock),
        "pictures": Pictures(ground.database, trail=trail, clock=clock),
        "federation": make_federation(ground, tenants),
        "connectors": _connectors(ground),
    }


def _tokens(ground: Ground, caches: Caches, client_keys: ClientKeys) -> dict[str, Any]:
    """Return what makes tokens, and what tells clients that they ended."""
    minting, outbound = make_minting(ground, caches, client_keys), outbound_rules(ground.settings)
    logout = make_logout(ground, caches, minting.mint, outbound=outbound)
    return {**minting._asdict(), "logout": logout}


def _connectors(ground: Ground) -> Connectors:
    return Connectors(ground.clock, make_fetcher(ground.clock, outbound_rules(ground.settings)))


def _throttle(settings: Settings, limiter: Limiter, caches: Caches) -> Throttle:
    return Throttle(limiter, standard=settings.login_rate, tier_of=caches.tiers.get)
