"""Files, syslog and posts: what a collector gets, and what it is told when it goes wrong."""

import json
import re
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from authserver.audit.service import leaf_hash
from authserver.core.net.fetch import Fetcher
from authserver.streaming.sinks import Line, Refused
from authserver.streaming.sinks.file import FileSink
from authserver.streaming.sinks.post import PostSink
from authserver.streaming.sinks.syslog import DatagramSink, StreamSink
from authserver.streaming.targets import Target, parse
from tests.support.clock import ManualClock
from tests.webhooks.receiving import LOCAL, listening

BODY = '{"facts":{"text":"Grüße \\n"},"type":"client.changed"}'.encode()
LINES = [
    Line("ten_1", seq, datetime(2026, 11, 26, 20, tzinfo=UTC), "client.changed", BODY, b"l" * 32)
    for seq in (1, 2, 3)
]
# RFC 5424 section 6: PRI, version, time, host, app, process, msgid, no structured data, BOM, text.
SYSLOG = re.compile(
    rb"<110>1 2026-11-26T20:00:00\.000000Z here authserver \d+ client\.changed - \xef\xbb\xbf(.*)",
    re.DOTALL,
)


def target(url: str) -> Target:
    return parse(f"siem={url}")[0]


def seqs(data: bytes) -> list[int]:
    return [json.loads(line)["seq"] for line in data.splitlines()]


def test_a_line_has_the_body_exactly_so_that_its_hash_can_be_proved() -> None:
    body = b'{"a":1}'
    line = Line("ten_1", 7, LINES[0].time, "x.y", body, leaf_hash("ten_1", body))
    assert line.json() == (
        b'{"tenant":"ten_1","seq":7,"leaf":"'
        + line.leaf.hex().encode()
        + b'","event":'
        + body
        + b"}"
    )


def test_a_file_gets_whole_lines_and_a_new_one_where_it_was_moved_away(tmp_path: Path) -> None:
    path = tmp_path / "trail.ndjson"
    sink = FileSink(path)
    sink.send(LINES)
    path.rename(tmp_path / "trail.1")
    sink.send(LINES[:1])
    assert seqs((tmp_path / "trail.1").read_bytes()) == [1, 2, 3]
    assert seqs(path.read_bytes()) == [1]
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_a_power_cut_left_of_a_line_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "trail.ndjson"
    path.write_bytes(LINES[0].json()[:20])
    FileSink(path).send(LINES)
    broken, *whole = path.read_bytes().splitlines()
    assert (len(broken), [json.loads(line)["seq"] for line in whole]) == (20, [1, 2, 3])


def test_a_file_that_cannot_be_written_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="No such file"):
        FileSink(tmp_path / "nowhere" / "trail").send(LINES)


def test_a_datagram_is_one_message_of_rfc_5424() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as collector:
        collector.bind(("127.0.0.1", 0))
        collector.settimeout(10)
        port = collector.getsockname()[1]
        sink = DatagramSink(target(f"syslog+udp://127.0.0.1:{port}"), "here")
        sink.send(LINES)
        found = [SYSLOG.fullmatch(collector.recv(65_535)) for _ in LINES]
    assert [json.loads(one[1])["event"]["facts"]["text"] for one in found if one] == [
        "Grüße \n"
    ] * 3
    with pytest.raises(Refused, match="too long"):
        sink.send([Line("ten_1", 1, LINES[0].time, "x.y", b'"' + b"x" * 66_000 + b'"', b"l")])


@contextmanager
def collecting(context: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """Listen for one connection after another; what each sent is kept when it ended."""
    got: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(20)

    def run() -> None:
        while True:
            try:
                plain, _ = listener.accept()
                connection = context.wrap_socket(plain, server_side=True) if context else plain
                with connection:
                    connection.settimeout(20)
                    data = b""
                    while not data.endswith(b"}") and (piece := connection.recv(65_536)):
                        data += piece
                    got.append(data)
            except ssl.SSLError:
                continue
            except OSError:
                return

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], got
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


def counted(data: bytes) -> list[bytes]:
    """Take octet-counted frames apart (RFC 6587 section 3.4.1)."""
    frames = []
    while data:
        length, _, rest = data.partition(b" ")
        frames.append(rest[: int(length)])
        data = rest[int(length) :]
    return frames


def wait_until(there: list[bytes], count: int) -> None:
    pause = threading.Event()
    for _ in range(500):
        if len(there) >= count:
            return
        pause.wait(0.02)
    raise AssertionError("nothing came")


def test_a_connection_carries_counted_messages_and_is_made_anew_when_it_ended() -> None:
    with collecting() as (port, got):
        sink = StreamSink(target(f"syslog+tcp://127.0.0.1:{port}"), "here")
        sink.send(LINES[:1])  # the collector hangs up after one
        wait_until(got, 1)
        sink.send(LINES[1:2])
        wait_until(got, 2)
        sink.close()
    frames = [frame for data in got for frame in counted(data)]
    assert [json.loads(SYSLOG.fullmatch(one)[1])["seq"] for one in frames] == [1, 2]
    with pytest.raises(Refused):
        sink.send(LINES)


def test_over_tls_the_collector_has_to_prove_its_name(
    tls_files_of_idp_example: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle, chain = tls_files_of_idp_example
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    connect = socket.create_connection
    monkeypatch.setattr(
        socket, "create_connection", lambda there, wait: connect(("127.0.0.1", there[1]), wait)
    )
    with collecting(context) as (port, got):
        good = StreamSink(target(f"syslog+tls://idp.example:{port}"), "here", ca_file=str(bundle))
        good.send(LINES[:1])
        wait_until(got, 1)
        good.close()
        for host, ca_file in (("other.example", str(bundle)), ("idp.example", "")):
            bad = StreamSink(target(f"syslog+tls://{host}:{port}"), "here", ca_file=ca_file)
            with pytest.raises(Refused, match=r"(?i)certificate"):
                bad.send(LINES)
    assert SYSLOG.fullmatch(counted(got[0])[0])


def test_a_post_is_signed_and_has_the_same_id_when_it_comes_again() -> None:
    secret = "whsec_" + b64encode(b"s" * 32).decode()
    with listening() as there:
        clock = ManualClock()
        fetcher = Fetcher(clock, rules=LOCAL)
        where = Target("siem", target("https://x.example/").kind, f"{there.url}/siem")
        sink = PostSink(where, fetcher, clock, secret=secret)
        there.status["siem"] = 503
        with pytest.raises(Refused, match="503"):
            sink.send(LINES)
        there.status.clear()
        sink.send(LINES)
        sink.send(LINES[:1])
    first, again, other = there.got
    assert first.id == again.id != other.id
    assert again.is_signed_by(secret)
    assert [one["seq"] for one in again.document["events"]] == [1, 2, 3]


@pytest.mark.parametrize(
    "wrong",
    [
        "https://x.example/",
        "siem=ftp://x.example/",
        "siem=file:relative.ndjson",
        "siem=file://host/var/log/x",
        "siem=syslog+tcp://",
        "siem=syslog+tcp://host/path",
        "siem=syslog+tcp://host:99999",
        "siem=https://user:pass@x.example/",
        "Siem=https://x.example/",
        "a=https://x.example/ a=https://y.example/",
    ],
)
def test_a_setting_that_names_no_stream_is_refused_in_words(wrong: str) -> None:
    with pytest.raises(ValueError, match=r".{10}"):
        parse(wrong)


def test_streams_are_named_with_spaces_between() -> None:
    text = "a=file:/var/log/t.ndjson\n b=syslog+tls://collector c=syslog+udp://[::1]:514"
    first, second, third = parse(text)
    assert first.path == Path("/var/log/t.ndjson")
    assert (second.address, third.address) == (("collector", 6514), ("::1", 514))
