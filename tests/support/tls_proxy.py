"""Apache as a proxy that ends TLS and hands on the certificates that clients show."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.support import needs
from tests.support.certificates import make
from tests.support.process import Process, free_port

_MODULES = Path("/usr/lib/apache2/modules")
_LOADED = ("mpm_event", "authz_core", "headers", "proxy", "proxy_http", "ssl", "socache_shmcb")
# A certificate is handed on when there is one; what the client writes into the header never is.
_CONFIGURATION = """\
ServerRoot {folder}
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/pid
Mutex file:{folder}
DefaultRuntimeDir {folder}
ErrorLog {folder}/error.log
User {user}
{modules}
<VirtualHost 127.0.0.1:{port}>
  SSLEngine on
  SSLCertificateFile {folder}/server.pem
  SSLVerifyClient optional_no_ca
  RequestHeader unset ClientCert
  RequestHeader set ClientCert "%{{SSL_CLIENT_CERT}}s" "expr=-n %{{SSL_CLIENT_CERT}}"
  ProxyPass / {server}/
</VirtualHost>
"""


class TlsProxy(Process):
    """The proxy; `ca` is the file by which its certificate is believed."""

    def __init__(self, program: str, folder: Path, server: str) -> None:
        port = free_port()
        self.base = f"https://localhost:{port}"
        self.ca = folder / "ca.pem"
        own = make(
            "CN=localhost",
            names=[x509.DNSName("localhost")],
            usage=ExtendedKeyUsageOID.SERVER_AUTH,
        )
        self.ca.write_text(own.pem)
        (folder / "server.pem").write_text(own.pem + own.private_pem)
        (folder / "apache.conf").write_text(
            _CONFIGURATION.format(
                folder=folder,
                port=port,
                server=server,
                user="www-data" if os.geteuid() == 0 else "#-1",
                modules="\n".join(
                    f"LoadModule {name}_module {_MODULES}/mod_{name}.so" for name in _LOADED
                ),
            )
        )
        super().__init__(
            [program, "-f", str(folder / "apache.conf"), "-DFOREGROUND"],
            dict(os.environ),
            url=self.base,
            log=folder / "error.log",
        )
        self._port = port

    def _answers(self) -> bool:
        assert self._running.poll() is None, self.said()
        try:
            with socket.create_connection(("localhost", self._port), timeout=2):
                return True
        except OSError:
            return False


@contextmanager
def running_tls_proxy(server: str) -> Iterator[TlsProxy]:
    """Run it in front of a server. Skips, by name, where Apache is not installed."""
    program = os.environ.get(needs.APACHE, needs.apache())
    if program is None:
        pytest.skip("no Apache")
    with TemporaryDirectory(prefix="tls-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with TlsProxy(program, folder, server) as proxy:
            yield proxy
