"""Where the server runs, and what it speaks with."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from authserver.settings.addresses import name_server, networks
from authserver.settings.declaring import LANGUAGES, setting
from authserver.settings.readers import (
    choice,
    header_name,
    level,
    link,
    ports,
    seconds,
    sure_header_name,
)


@dataclass(frozen=True)
class InstallationSettings:
    """The installation: addresses, places, mail, what is beside it."""

    issuer: str = setting(
        "http://localhost:8000",
        "The public URL of the server: https, or http on a loopback address. No trailing slash.",
    )
    data_dir: Path = setting(
        Path("var"), "Where the database, the master key and outgoing mail live.", Path
    )
    database_url: str = setting(
        "", "SQLAlchemy URL, e.g. postgresql+psycopg://... Empty: SQLite in the data directory."
    )
    database_owner_url: str = setting(
        "",
        "SQLAlchemy URL of the role that owns the tables: for `init` and `db upgrade` alone, which"
        " let the role of AUTHSERVER_DATABASE_URL work. Empty: that role owns them.",
    )
    redis_url: str = setting("", "Shared rate limits, e.g. redis://... Empty: in the process.")
    master_key: str = setting(
        "", "Base64 of 32 bytes, the active key first. Empty: `master.key` in the data directory."
    )
    trusted_proxies: tuple[str, ...] = setting(
        (),
        "Networks (CIDR, comma-separated) whose word on the client's address is believed.",
        networks,
    )
    forwarded_header: str = setting(
        "X-Forwarded-For",
        "Header in which trusted proxies tell the client's address. For those that let"
        " X_Forwarded_For through, which looks the same here, take one word, as ForwardedFor.",
        header_name,
    )
    client_certificate_header: str = setting(
        "",
        "Header in which the trusted proxies hand on the certificate that a client showed, one"
        " word as ClientCert. They must set or remove it in every request. Empty: none is read.",
        sure_header_name,
    )
    client_certificate_authorities: str = setting(
        "", "Certificates (PEM) of the authorities that name clients, for tls_client_auth."
    )
    client_certificate_url: str = setting(
        "",
        "Where the proxy asks clients for certificates, as https://mtls.example.com: metadata name"
        " the endpoints there (`mtls_endpoint_aliases`). Empty: at the issuer.",
        link,
    )
    log_level: str = setting("INFO", "DEBUG, INFO, WARNING or ERROR.", level)
    default_language: str = setting(
        "en",
        f"Language of pages when nothing else decides: {', '.join(LANGUAGES)}.",
        choice(*LANGUAGES),
    )
    smtp_url: str = setting(
        "",
        "Where mail goes: smtp://user:password@host:587 (STARTTLS, never without), smtps://...:465,"
        " or smtp+cleartext://localhost:25. Empty: files in `mail` in the data directory.",
    )
    smtp_ca_file: str = setting(
        "", "Certificates (PEM) to believe of the mail server instead of the machine's."
    )
    dns_server: str = setting(
        "",
        "The DNS resolver to ask for the records of tenants' domains, as 192.0.2.53 or"
        " 192.0.2.53:5353. Empty: the machine's.",
        name_server,
    )
    outbound_networks: tuple[str, ...] = setting(
        (),
        "Networks (CIDR, comma-separated) that may be asked, beyond the public internet, for what"
        " clients and providers publish, and that are told of sign-outs and events. Every tenant"
        " can have them asked: name hosts rather than networks. Never link-local or metadata"
        " addresses.",
        networks,
    )
    outbound_ports: tuple[int, ...] = setting(
        (443,), "Ports (comma-separated) of these requests.", ports
    )
    outbound_ca_file: str = setting(
        "", "Certificates (PEM) to believe in these requests beside the machine's."
    )
    trail_streams: str = setting(
        "",
        "Where every event of every tenant is sent, as NAME=URL with spaces between:"
        " `file:/var/log/trail.ndjson`, `syslog+udp://host:514`, `syslog+tcp://host:601`,"
        " `syslog+tls://host:6514`, `https://collector.example/trail`. A name is for good.",
    )
    trail_stream_secret: str = setting(
        "", "What signs what is sent to https streams: `whsec_` and base64 of 24 to 64 bytes."
    )
    trail_stream_ca_file: str = setting(
        "", "Certificates (PEM) to believe of collectors of syslog beside the machine's."
    )
    smtp_timeout: timedelta = setting(
        timedelta(seconds=10), "How long to wait for each answer of the mail server.", seconds
    )
    mail_from: str = setting(
        "", "The sender of mails, e.g. `Acme <no-reply@acme.example>`. Empty: no-reply at the host."
    )
    worker: str = setting(
        "embedded",
        "What sends mail, webhooks and streams, and tells clients of sign-outs: `embedded` in the"
        " server's processes, or `external` in `authserver worker`.",
        choice("embedded", "external"),
    )
    dev_mail: str = setting(
        "off",
        "`on` shows the mails of the folder at /dev/mail: on a loopback issuer only, to everybody.",
        choice("on", "off"),
    )
