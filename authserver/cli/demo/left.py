"""Whether a demo is as it was left. Imports little: the server begins meanwhile."""

from contextlib import closing

from authserver.clients.statements import COUNT_CLIENTS
from authserver.core.crypto import MasterKeyError
from authserver.core.database import revisions
from authserver.core.database.down import unavailable_when_down
from authserver.core.database.engine import Database, make_engine
from authserver.core.problems import Problem
from authserver.demo.config import DemoConfig
from authserver.settings import Settings
from authserver.tenants.service import verify_master_key
from authserver.wiring.keys.master import load_keyring


def is_as_left(settings: Settings, left: DemoConfig) -> bool:
    """Tell whether the server can go on over the database, and the applications with it.

    Says no where anything is wrong: loading the data says in plain words what.
    """
    try:
        with closing(Database(make_engine(settings.owner_url))) as database:
            return _is_as_left(database, settings, left)
    except (Problem, MasterKeyError):
        return False


def _is_as_left(database: Database, settings: Settings, left: DemoConfig) -> bool:
    ids = {one.client_id for one in (left.portal, left.partner, left.resource_server)}
    with unavailable_when_down():
        if revisions.pending(database.engine):
            return False
        with database.read() as view:
            verify_master_key(view, load_keyring(settings))
            there = view.connection.execute(COUNT_CLIENTS, {"client_ids": ids})
            return bool(there.scalar() == len(ids))
