"""Everything the server is made of, built once from the settings: part of app.py's wiring.

Lanes, pages and commands take what they need from here; nothing looks anything up at run time.
"""

from dataclasses import dataclass, fields
from datetime import timedelta

from sqlalchemy import Engine

from authserver.accounts.lockout import Lockout
from authserver.accounts.passwords import PasswordHasher, PooledHasher
from authserver.accounts.policy import LockoutRules
from authserver.accounts.service import AccountService
from authserver.accounts.signin import Around, SignIn
from authserver.audit.service import Trail
from authserver.audit.subjects import Subjects
from authserver.clients import registered
from authserver.clients.policy import KINDS
from authserver.clients.registered import RegisteredClient
from authserver.clients.service import ClientService
from authserver.core.cache import Snapshots, Watch
from authserver.core.clock import Clock, SystemClock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Database, make_engine
from authserver.core.hashing import HashingPool
from authserver.core.ratelimit import Limiter, make_limiter
from authserver.delivery.mail import FolderTransport, Renderer
from authserver.delivery.worker import MailWorker, Outbox
from authserver.mfa.guessing import Guessing
from authserver.mfa.policy import GuessRules
from authserver.mfa.service import SecondFactors
from authserver.roles.service import RoleService
from authserver.sessions.service import Lifetimes as SessionLifetimes
from authserver.sessions.service import SessionService
from authserver.settings import Settings
from authserver.tenants import snapshot
from authserver.tenants.names import TenantNames
from authserver.tenants.service import TenantService, password_pepper
from authserver.tenants.snapshot import TenantSnapshot
from authserver.tokens.calendar import IssuerKeys
from authserver.tokens.issuer import Lifetimes, Mint
from authserver.tokens.keys import KeyService

MASTER_KEY_FILE = "master.key"


@dataclass(frozen=True)
class Caches:
    """Frozen snapshots, and the watch that throws them away."""

    watch: Watch
    tenants: Snapshots[str, TenantSnapshot]
    clients: Snapshots[str, RegisteredClient]
    keys: Snapshots[str | None, IssuerKeys]
    origins: Snapshots[str, bool]
    names: TenantNames


@dataclass(frozen=True)
class Services:
    """The server's parts."""

    settings: Settings
    clock: Clock
    keyring: Keyring
    database: Database
    trail: Trail
    hasher: PooledHasher
    limiter: Limiter
    tenants: TenantService
    accounts: AccountService
    roles: RoleService
    clients: ClientService
    keys: KeyService
    sessions: SessionService
    factors: SecondFactors
    sign_in: SignIn
    mint: Mint
    caches: Caches
    mail: MailWorker

    @property
    def watch(self) -> Watch:
        """Return what must be told when this process changed tenants, clients or keys."""
        return self.caches.watch


def build(settings: Settings, clock: Clock | None = None, engine: Engine | None = None) -> Services:
    """Build the parts. Raises MasterKeyError; touches the database only when used."""
    clock = clock or SystemClock()
    keyring = load_keyring(settings)
    database = Database(engine or make_engine(settings.sqlalchemy_url))
    trail = Trail(Subjects(database, keyring, clock), clock)
    keys = _key_service(settings, keyring, trail=trail, clock=clock)
    caches = _caches(database, keys)
    mail = _mail(settings, database, keyring=keyring, clock=clock)
    hasher = _hasher(settings, database, keyring)
    factors = _second_factors(settings, keyring, trail=trail, clock=clock)
    return Services(
        settings=settings,
        clock=clock,
        keyring=keyring,
        database=database,
        trail=trail,
        hasher=hasher,
        limiter=make_limiter(settings.redis_url),
        tenants=TenantService(trail, clock),
        accounts=AccountService(trail, clock),
        roles=RoleService(trail, clock),
        clients=ClientService(trail, clock, keys=keys, allow_http_loopback=settings.is_loopback),
        keys=keys,
        sessions=SessionService(
            database,
            lifetimes=SessionLifetimes(settings.session_idle, settings.session_absolute),
            trail=trail,
            keyring=keyring,
            clock=clock,
        ),
        mail=mail,
        factors=factors,
        sign_in=SignIn(
            database,
            hasher=hasher,
            lockout=Lockout(_lockout_rules(settings), trail, keyring),
            trail=trail,
            clock=clock,
            around=Around(factors.is_due, mail.wake),
        ),
        mint=Mint(caches.keys, _lifetimes(settings)),
        caches=caches,
    )


def load_keyring(settings: Settings) -> Keyring:
    """Return the master keys from the environment, else from the data directory."""
    if settings.master_key:
        return Keyring.parse(settings.master_key)
    return Keyring.load(settings.data_dir / MASTER_KEY_FILE)


def _key_service(settings: Settings, keyring: Keyring, *, trail: Trail, clock: Clock) -> KeyService:
    lives = (settings.id_token_life, *_lifetimes(settings).access_token.values())
    return KeyService(
        keyring=keyring,
        trail=trail,
        clock=clock,
        publish=settings.key_publish,
        longest_token=max(lives, default=timedelta(0)),
    )


def _lifetimes(settings: Settings) -> Lifetimes:
    names = {field.name for field in fields(settings)}
    lives = {kind.token_life for kind in KINDS.values()} & names
    return Lifetimes({name: getattr(settings, name) for name in lives}, settings.id_token_life)


def _caches(database: Database, keys: KeyService) -> Caches:
    watch = Watch(lambda: snapshot.read_version(database))
    return Caches(
        watch,
        tenants=Snapshots(watch, lambda slug: snapshot.load_by_slug(database, slug)),
        clients=Snapshots(watch, lambda client_id: registered.load(database, client_id)),
        keys=Snapshots(watch, lambda issuer: keys.load(database, issuer)),
        origins=Snapshots(watch, lambda origin: registered.is_origin(database, origin)),
        names=TenantNames(database, watch),
    )


def _hasher(settings: Settings, database: Database, keyring: Keyring) -> PooledHasher:
    pool = HashingPool(running=settings.hashing_running, waiting=settings.hashing_waiting)

    def pepper() -> bytes:
        with database.read() as view:
            return password_pepper(view, keyring)

    return PooledHasher(PasswordHasher(pepper, settings.bcrypt_rounds), pool)


def _mail(settings: Settings, database: Database, *, keyring: Keyring, clock: Clock) -> MailWorker:
    return MailWorker(
        Outbox(database, clock),
        render=Renderer(settings.issuer, clock=clock, language=settings.default_language),
        transport=FolderTransport(settings.data_dir / "mail"),
        keyring=keyring,
    )


def _second_factors(
    settings: Settings, keyring: Keyring, *, trail: Trail, clock: Clock
) -> SecondFactors:
    rules = GuessRules(
        in_a_flow=settings.second_factor_flow_attempts,
        in_an_hour=settings.second_factor_hour_attempts,
        in_a_row=settings.second_factor_reset_attempts,
    )
    return SecondFactors(
        Guessing(rules, trail, keyring),
        trail=trail,
        keyring=keyring,
        clock=clock,
        life=settings.second_factor_time,
    )


def _lockout_rules(settings: Settings) -> LockoutRules:
    return LockoutRules(
        attempts=settings.lockout_attempts,
        first_lock=settings.lockout_time,
        reset_attempts=settings.lockout_reset_attempts,
    )
