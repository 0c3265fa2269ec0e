"""Where the master keys are. Imports little: whoever asks whether the key is right asks at once."""

from authserver.core.crypto import Keyring
from authserver.settings import Settings

MASTER_KEY_FILE = "master.key"


def load_keyring(settings: Settings) -> Keyring:
    """Return the master keys from the environment, else from the data directory."""
    if settings.master_key:
        return Keyring.parse(settings.master_key)
    return Keyring.load(settings.data_dir / MASTER_KEY_FILE)
