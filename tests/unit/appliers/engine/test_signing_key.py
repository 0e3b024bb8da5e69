"""A site that breaks off, sends nonsense or trickles is told so, and the next one can be tried."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.appliers.engine import signing_key
from ansible_collections.dockwright.host.plugins.module_utils.appliers.host.command import (
    ApplyFailed,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.proxy import (
    ProxyDeclaration,
)

KEY = Path(__file__).parents[2] / "keys" / "one.asc"
# No proxy is declared.
DIRECTLY = ProxyDeclaration()
FINGERPRINT = "09AFA6108E099AB679E1177CE4E83CBBE244995E"


@contextlib.contextmanager
def site(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """Answer one request with this, and give the address to ask."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                connection = server.accept()[0]
                with connection:
                    connection.recv(65536)
                    answer(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/gpg"
        thread.join(timeout=5)


def test_a_key_is_fetched_from_a_site_and_from_a_folder() -> None:
    text = KEY.read_text()
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(text)}\r\n\r\n"
    with site(lambda connection: connection.sendall((head + text).encode())) as address:
        assert signing_key.fetch_key(address, FINGERPRINT, DIRECTLY) == text
    assert signing_key.fetch_key(KEY.as_uri(), FINGERPRINT, DIRECTLY) == text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH-2.0"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "IncompleteRead"),
    ],
    ids=["no_http", "broken_off"],
)
def test_an_answer_against_the_protocol_is_a_site_that_failed(said: bytes, told: str) -> None:
    with (
        site(lambda connection: connection.sendall(said)) as address,
        pytest.raises(ApplyFailed, match=f"could not be fetched .*{told}"),
    ):
        signing_key.fetch_key(address, FINGERPRINT, DIRECTLY)


def test_a_site_that_trickles_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def trickle(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 16384\r\n\r\n")
        until = time.monotonic() + 4
        while time.monotonic() < until:
            connection.sendall(b"-")
            time.sleep(0.02)

    monkeypatch.setattr(signing_key, "_SECONDS", 0.3)
    began = time.monotonic()
    with site(trickle) as address:
        with pytest.raises(ApplyFailed, match="did not arrive"):
            signing_key.fetch_key(address, FINGERPRINT, DIRECTLY)
        assert time.monotonic() - began < 2
