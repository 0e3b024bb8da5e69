"""An entry of NO_PROXY that does not mean what it seems to mean is told."""

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.planners.proxy import no_proxy


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("http://x.com", "a scheme"),
        ("10.0.0.0/99", "is no network"),
        ("10.0.0.0/255.0.0.0", "is no network"),
        ("*.10.0.0.0/8", "is no network"),
        (".foo.com/x", "a path"),
        ("a b", "a blank"),
        ('"foo.com"', "a quotation mark"),
        ("foo.com;bar.com", "a semicolon"),
        ("a*b.com", "a star inside"),
        ("192.168.*", "a star inside"),
        ("*.*.com", "a star inside"),
        (":8080", "a port without a host"),
        ("foo.com:http", "a port that is none"),
        ("foo.com:70000", "a port that is none"),
        ("[::1]", "brackets"),
        ("10.", "a dot at its end"),
        ("foo.com.", "a dot at its end"),
        ("*.", "a dot at its end"),
        ("10.0", "numbers"),
        ("10.0.0.1-10.0.0.9", "numbers"),
        ("10.0.0:80", "numbers"),
    ],
)
def test_what_stands_for_nothing_has_a_fault(entry: str, says: str) -> None:
    assert says in no_proxy.fault(entry)
    assert "stands for nothing" in no_proxy.fault(entry)
    assert no_proxy.explained(entry) == ""


@pytest.mark.parametrize(
    "entry",
    [
        *("foo.com", "foo.com:443", "localhost", "10.0.0.1", "10.0.0.1:5000", "::1", "[::1]:5000"),
        *("registry", "größe.example", "a_b.example.com", "1host", "10-0-0-1.example"),
    ],
)
def test_what_does_as_it_says_needs_no_word(entry: str) -> None:
    assert (no_proxy.fault(entry), no_proxy.explained(entry)) == ("", "")


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("10.0.0.0/8", "named by an address"),
        ("fd00::/8", "named by an address"),
        ("*.foo.com", "leaves out foo.com itself"),
        (".foo.com", "leaves out foo.com itself"),
        ("*", "everything is reached without the proxy"),
    ],
)
def test_what_does_something_else_is_explained(entry: str, says: str) -> None:
    assert no_proxy.fault(entry) == ""
    assert says in no_proxy.explained(entry)
