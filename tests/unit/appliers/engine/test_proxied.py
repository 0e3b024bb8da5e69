"""A SOCKS5 proxy's refusal, or nonsense, is told in its own words; a thread stands in for it."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.appliers.engine import proxied


@contextlib.contextmanager
def answering(*answers: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """Give the port of a server with these answers, one after the other, and what it heard."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _address = server.accept()
            with connection:
                for answer in answers:
                    heard.append(connection.recv(1024))
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1], heard
        thread.join(10)


def test_a_name_goes_to_the_proxy_as_it_is() -> None:
    connected = b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50"
    with answering(b"\x05\x02", b"\x01\x00", connected) as (port, heard):
        socks = proxied.Socks(host="127.0.0.1", port=port, user="me", password="p@ss")  # noqa: S106
        proxied.connect(socks, "registry.example.com", 443, 10).close()
    assert heard == [
        b"\x05\x02\x00\x02",
        b"\x01\x02me\x04p@ss",
        b"\x05\x01\x00\x03\x14registry.example.com\x01\xbb",
    ]


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ((b"\x05\xff",), "lets these credentials in"),
        ((b"HT",), "is no SOCKS5 proxy"),
        ((b"",), "ended the connection"),
        ((b"\x05\x02", b"\x01\x01"), "did not believe the credentials"),
        ((b"\x05\x00", b"\x05\x05\x00\x01"), "connection refused"),
        ((b"\x05\x00", b"\x05\x63\x00\x01"), "status 99"),
    ],
)
def test_what_a_proxy_answers_is_told(answers: tuple[bytes, ...], told: str) -> None:
    with answering(*answers) as (port, _heard):
        socks = proxied.Socks(host="127.0.0.1", port=port, user="me", password="pass")  # noqa: S106
        with pytest.raises(OSError, match=told):
            proxied.connect(socks, "registry.example.com", 443, 10)
