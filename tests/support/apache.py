"""Apache with Debian's mod_auth_openidc: a gate in front of a page, and what it knows of people."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.support import needs
from tests.support.process import Process, Registered

_MODULES = Path("/usr/lib/apache2/modules")
_CONFIGURATION = """\
ServerRoot {folder}
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/pid
Mutex file:{folder}
DefaultRuntimeDir {folder}
ErrorLog {folder}/error.log
LogLevel auth_openidc:debug
User {user}
DocumentRoot {folder}/site
{modules}
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {client.id}
OIDCClientSecret {client.secret}
OIDCRedirectURI {client.redirect_uri}
OIDCCryptoPassphrase "a passphrase of the test"
OIDCScope "{scope}"
OIDCPKCEMethod S256
OIDCCookieSameSite On
OIDCSessionType server-cache
OIDCInfoHook iat access_token_expires id_token userinfo session
OIDCRefreshAccessTokenBeforeExpiry 60
{more}
<Location /gate>
  AuthType openid-connect
  Require valid-user
</Location>
"""
_LOADED = ("mpm_event", "authn_core", "authz_core", "authz_user", "auth_openidc", "dir")


class Apache(Process):
    """A gate at `/gate/`, whose callback is the client's redirect URI."""

    def __init__(
        self,
        program: str,
        folder: Path,
        port: int,
        *,
        issuer: str,
        client: Registered,
        more: str = "",
    ) -> None:
        self.base = f"http://localhost:{port}"
        (folder / "site" / "gate").mkdir(parents=True)
        (folder / "site" / "open.html").write_text("open to all")
        (folder / "site" / "gate" / "index.html").write_text("behind the gate")
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o777 if path.is_dir() else 0o644)
        configuration = folder / "apache.conf"
        configuration.write_text(
            _CONFIGURATION.format(
                folder=folder,
                port=port,
                issuer=issuer,
                client=client,
                scope="openid profile email",
                user="www-data" if os.geteuid() == 0 else "#-1",
                modules="\n".join(
                    f"LoadModule {name}_module {_MODULES}/mod_{name}.so" for name in _LOADED
                ),
                more=more,
            )
        )
        super().__init__(
            [program, "-f", str(configuration), "-DFOREGROUND"],
            dict(os.environ),
            url=f"{self.base}/open.html",
            log=folder / "error.log",
        )


@contextmanager
def running_apache(port: int, **more: Any) -> Iterator[Apache]:
    """Run it. Skips, by name, where Apache or the module is not installed."""
    program = os.environ.get(needs.APACHE, needs.apache())
    if program is None:
        pytest.skip("no Apache with mod_auth_openidc")
    # Its workers have no rights: they reach no folder that is closed to others.
    with TemporaryDirectory(prefix="gate-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with Apache(program, folder, port, **more) as apache:
            yield apache
