"""Mail by SMTP (RFC 5321), encrypted or not at all: each mail on a connection of its own.

A mail whose acceptance was lost on the way is sent again, with the same Message-ID: at least once,
and never again once the server's 250 was read.
"""

import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage
from email.policy import EmailPolicy
from threading import Timer
from types import TracebackType
from typing import Self, TypeVar, cast

from authserver.delivery.server import SmtpServer
from authserver.delivery.transport import Deferred, DeliveryError, Rejected, Unreachable
from authserver.settings import SettingsError

# Seconds. RFC 5321 section 4.5.3.2.6: a server may think before it says that it took a mail, and
# who does not wait for the answer sends it twice.
_FINAL_ANSWER = 60.0
_DEADLINE = 90.0
_FAREWELL = 1.0
_READY, _GO_AHEAD, _OK, _BUSY, _PERMANENT = 220, 354, 250, 421, 500

Reply = tuple[int, bytes]
T = TypeVar("T")


class SmtpTransport:
    """Hands mails to one server, which is the one it claims to be or gets none."""

    def __init__(
        self,
        server: SmtpServer,
        *,
        hello: str,
        trust: ssl.SSLContext,
        final_answer: float = _FINAL_ANSWER,
        deadline: float = _DEADLINE,
    ) -> None:
        """Take the server, our own name, whose certificates to believe, and times in seconds."""
        self._server = server
        self._hello = hello
        self._trust = trust
        self._final_answer = final_answer
        self._deadline = deadline

    def __str__(self) -> str:
        return f"by SMTP to {self._server.host}, port {self._server.port}"

    def send(self, message_id: str, message: EmailMessage) -> None:  # noqa: ARG002  it is a header
        """Hand the mail over. Raises Deferred, Rejected or Unreachable."""
        with _Connection(self._server, self._deadline) as connection:
            smtp = connection.step(Unreachable, lambda: self._open(connection))
            connection.step(Deferred, lambda: _announce(smtp, message))
            connection.timeout(self._final_answer)
            connection.step(Deferred, lambda: _hand_over(smtp, message))
            # It is accepted: nothing that goes wrong from here on makes it unsent, and it should
            # be noted soon.
            connection.timeout(_FAREWELL)
            with suppress(OSError, smtplib.SMTPException):
                smtp.quit()

    def _open(self, connection: "_Connection") -> smtplib.SMTP:
        connection.open()
        if self._server.tls == "implicit":
            connection.encrypt(self._trust)
        # Without a host it does not connect: the connection is ours, with a time limit.
        smtp = connection.smtp = smtplib.SMTP(local_hostname=self._hello)
        smtp.sock = connection.socket
        _require(smtp.getreply(), _READY, "the connection")
        _require(smtp.ehlo(), _OK, "EHLO")
        if self._server.tls == "starttls":
            self._start_tls(smtp, connection)
        if self._server.user:
            smtp.login(self._server.user, self._server.password)
        return smtp

    def _start_tls(self, smtp: smtplib.SMTP, connection: "_Connection") -> None:
        """Encrypt. Somebody between us may have taken the offer out: then nothing is sent."""
        if not smtp.has_extn("starttls"):
            raise Unreachable("the server offers no STARTTLS")
        _require(smtp.docmd("STARTTLS"), _READY, "STARTTLS")
        connection.encrypt(self._trust)
        # What was said in the clear, or waits in the old buffer, is not believed.
        if smtp.file is not None:
            smtp.file.close()
        smtp.sock, smtp.file = connection.socket, None
        _require(smtp.ehlo(), _OK, "EHLO")


def trust(ca_file: str) -> ssl.SSLContext:
    """Return what believes the machine's authorities, or those of a file instead of them.

    Raises SettingsError for a file that cannot be used.
    """
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:
        raise SettingsError(f"AUTHSERVER_SMTP_CA_FILE {ca_file} cannot be used") from error


def _announce(smtp: smtplib.SMTP, message: EmailMessage) -> None:
    sender = message["From"].addresses[0].addr_spec
    recipient = message["To"].addresses[0].addr_spec
    options = []
    if cast("EmailPolicy", message.policy).utf8:
        if not smtp.has_extn("smtputf8"):
            raise Rejected("the server takes no international addresses (SMTPUTF8)")
        options = ["SMTPUTF8", "BODY=8BITMIME"]
    # The sender is the installation's: a server that refuses it may be taught otherwise.
    _judge(smtp.mail(sender, options), "MAIL", for_good=False)
    _judge(smtp.rcpt(recipient), "RCPT")


def _hand_over(smtp: smtplib.SMTP, message: EmailMessage) -> None:
    try:
        reply = smtp.data(message.as_bytes())
    except smtplib.SMTPDataError as error:
        reply = (error.smtp_code, b"")
    except (OSError, smtplib.SMTPException) as error:
        raise Deferred(f"the mail may have arrived: {_words(error)}") from error
    _judge(reply, "DATA")


def _require(reply: Reply, wanted: int, step: str) -> None:
    if reply[0] != wanted:
        raise Unreachable(f"{reply[0]} to {step}")


def _judge(reply: Reply, step: str, *, for_good: bool = True) -> None:
    code, said = reply[0], f"{reply[0]} to {step}"
    if code == _BUSY:
        raise Unreachable(said)
    if code >= _PERMANENT and for_good:
        raise Rejected(said)
    if code // 100 != _OK // 100:
        raise Deferred(said)


class _Connection:
    """A connection that is closed in the end, and cut off when its time is over.

    A server that sends a byte now and then never runs into a timeout.
    """

    def __init__(self, server: SmtpServer, deadline: float) -> None:
        self._server = server
        self._handle: socket.socket | None = None
        self._timer = Timer(deadline, self._cut)
        self._timer.daemon = True
        self._is_late = False
        self.socket: socket.socket | None = None
        self.smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        for each in (self.smtp, self.socket, self._handle):
            if each is not None:
                each.close()

    def open(self) -> None:
        """Connect; from now on the time runs."""
        address, timeout = (self._server.host, self._server.port), self._server.timeout
        self.socket = socket.create_connection(address, timeout)
        # Another handle of the same connection: encryption takes the first one away.
        self._handle = self.socket.dup()
        self._timer.start()

    def encrypt(self, trusted: ssl.SSLContext) -> None:
        """Begin TLS. Raises SSLError unless the certificate is the server's."""
        if self.socket is not None:
            self.socket = trusted.wrap_socket(self.socket, server_hostname=self._server.host)

    def timeout(self, seconds: float) -> None:
        """Wait so long for each answer from now on."""
        if self.socket is not None:
            self.socket.settimeout(seconds)

    def step(self, kind: type[DeliveryError], act: Callable[[], T]) -> T:
        """Do a part of the work; what goes wrong in it is an error of this kind, in our words."""
        try:
            return act()
        except (OSError, smtplib.SMTPException, DeliveryError) as error:
            if self._is_late:
                raise kind("it took too long") from error
            if isinstance(error, DeliveryError):
                raise
            raise kind(_words(error)) from error

    def _cut(self) -> None:
        self._is_late = True
        if self._handle is not None:
            with suppress(OSError):
                self._handle.shutdown(socket.SHUT_RDWR)


def _words(error: Exception) -> str:
    """Return what happened without what the server said: addresses could be in it."""
    if isinstance(error, smtplib.SMTPServerDisconnected) and isinstance(error.__context__, OSError):
        error = error.__context__
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not accepted: {error.verify_message}"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"{error.smtp_code} to AUTH"
    for kind, words in _WORDS.items():
        if isinstance(error, kind):
            return words
    return type(error).__name__


_WORDS: dict[type[Exception], str] = {
    smtplib.SMTPServerDisconnected: "the server closed the connection",
    smtplib.SMTPNotSupportedError: "the server offers no AUTH",
    ssl.SSLError: "the server speaks no TLS that we accept",
    TimeoutError: "no answer in time",
    ConnectionRefusedError: "connection refused",
    ConnectionError: "the connection broke",
    socket.gaierror: "the server's name is unknown",
}
