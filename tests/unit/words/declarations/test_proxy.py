"""Declarations of a proxy and of a drop-in: what is accepted, and why the rest is not."""

from typing import Any

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.planners.proxy.packages import (
    is_direct,
    package_environment,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.arguments import defaults_of
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.drop_in import (
    DROP_IN_ARGUMENTS,
    DropInDeclaration,
    declare_drop_in,
    texts_of,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.error import (
    DeclarationError,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.proxy import (
    LOCAL,
    ProxyDeclaration,
    declare_proxy,
    secrets_of,
)

PROXY = defaults_of("docker_proxy")
DROP_IN = {name: argument["default"] for name, argument in DROP_IN_ARGUMENTS.items()}
ADDRESS = "http://me:pass@proxy:3128"


def proxy(**given: Any) -> ProxyDeclaration:
    return declare_proxy({**PROXY, **given})


def drop_in(**given: Any) -> DropInDeclaration:
    return declare_drop_in({**DROP_IN, "name": "mine", **given})


@pytest.mark.parametrize(
    "address", ["proxy:3128", "proxy.example.com", "ftp://proxy:21", "http://"]
)
def test_an_address_is_whole_or_refused(address: str) -> None:
    with pytest.raises(DeclarationError, match="It wants a whole address"):
        proxy(https=address)


@pytest.mark.parametrize(
    "address",
    [
        "http://proxy.example.com:port",
        "http://proxy:3128 x",
        "http://proxy:99999",
        "http://proxy:0",
        "http://:3128",
        "http:///x",
        "http://me:pass@/x",
        "http://{{proxy}}:3128",
        "http://a|b:3128",
        "http://[::::]:1",
        "http://[10.0.0.1]:1",
        "http://me:pw%40proxy:3128",
    ],
)
def test_a_host_and_a_port_are_some(address: str) -> None:
    with pytest.raises(DeclarationError, match="whose host or port is none"):
        proxy(https=address)


def test_what_looks_like_a_password_is_not_told() -> None:
    with pytest.raises(DeclarationError) as failure:
        proxy(https="http://me:pw%40proxy:3128")
    assert "pw" not in str(failure.value)


@pytest.mark.parametrize(
    "address", ["http://[fd00::1]:3128", "http://größe.example:1", "http://a_b:1", "http://p/"]
)
def test_a_host_may_be_an_address_or_have_other_letters(address: str) -> None:
    assert proxy(https=address).https == address


@pytest.mark.parametrize("password", ["p ss", 'p"ss', "p\\ss", "p%ss", "pässword", "p@ss", "p%4"])
def test_credentials_are_such_as_an_address_can_hold(password: str) -> None:
    with pytest.raises(DeclarationError, match="Write them in per cent") as failure:
        proxy(https=f"http://me:{password}@proxy:3128")
    assert password not in str(failure.value)


def test_a_line_s_end_is_refused_at_the_end_too() -> None:
    with pytest.raises(DeclarationError, match="a line's end"):
        proxy(https="http://proxy:3128\n")


def test_a_proxy_behind_tls_is_none_for_packages() -> None:
    with pytest.raises(DeclarationError, match="no signing key can be fetched"):
        proxy(https="https://proxy:3128", packages=True)


@pytest.mark.parametrize(
    "address",
    ["me:pass@proxy:3128", "http://me:pa\nss@proxy:3128", "http://me:pa/ss@proxy:3128"],
)
def test_what_is_wrong_is_told_without_the_password(address: str) -> None:
    with pytest.raises(DeclarationError) as failure:
        proxy(https=address)
    assert "me:" not in str(failure.value)
    assert "ss@" not in str(failure.value)


@pytest.mark.parametrize("character", ["\n", "\r", "\0", "\x1b", "\x7f", "\ufffe", "\ud800"])
def test_what_no_environment_can_carry_is_refused(character: str) -> None:
    for given in ({"https": f"http://a{character}b"}, {"no_proxy": [f"a{character}b"]}):
        with pytest.raises(DeclarationError, match=f"U\\+{ord(character):04X}"):
            proxy(**given)


def test_other_letters_quotes_and_blanks_are_taken() -> None:
    entry = "a\t\"b' \\ % $ größe 代理 \U0001f433"
    assert proxy(https="http://b:1", no_proxy=[entry]).no_proxy == (entry,)


@pytest.mark.parametrize("scheme", ["socks", "socks5", "socks5h", "SOCKS5"])
def test_socks_has_one_scheme_for_dockerd(scheme: str) -> None:
    assert proxy(all=f"{scheme}://s:1080").environment == {
        "HTTP_PROXY": "socks5://s:1080",
        "HTTPS_PROXY": "socks5://s:1080",
    }


def test_entries_of_no_proxy_come_once_and_may_come_as_one_text() -> None:
    given = proxy(https="http://b:1", no_proxy=["a.com, b.com", "b.com", ""])
    assert given.environment["NO_PROXY"] == "a.com,b.com"


def test_without_a_proxy_nothing_is_kept_from_it() -> None:
    assert proxy(no_proxy=["a.com"], no_proxy_local=True).environment == {}


def test_secrets_are_every_address_its_credentials_and_the_password() -> None:
    given = {
        "http": "http://proxy:3128",
        "https": "http://me:long-enough@proxy:3128",
        "all": "socks5://token@old:1",
    }
    assert secrets_of(given) == (
        "http://me:long-enough@proxy:3128",
        "me:long-enough",
        "long-enough",
        "socks5://token@old:1",
        "token",
    )


def test_a_mirror_s_password_is_a_secret_too() -> None:
    mirrors = ["https://me:long-enough@mirror.example.com", "https://mirror.example.com"]
    assert secrets_of({"registry_mirrors": mirrors}) == (
        mirrors[0],
        "me:long-enough",
        "long-enough",
    )


@pytest.mark.parametrize("mirrors", [5, "https://a", [5, None], None, {"a": "b"}])
def test_mirrors_that_are_none_are_left_to_the_daemons_role(mirrors: Any) -> None:
    declared = proxy(https="http://b:1", no_proxy_local=True, registry_mirrors=mirrors)
    assert declared.no_proxy == LOCAL


def test_what_is_declared_without_a_proxy_is_named() -> None:
    assert proxy(no_proxy=["a.com"], packages=True).idle == (
        "docker_proxy_no_proxy",
        "docker_proxy_packages",
    )
    assert proxy(no_proxy_local=True).idle == ()
    assert proxy(no_proxy=["a.com"], packages=True, all="http://b:1").idle == ()


@pytest.mark.parametrize(
    ("credentials", "texts"),
    [
        ({"A": "long-enough", "B": "short", "C": ""}, ("long-enough",)),
        ({"A": ["long-enough"], "B": {"c": ["also-long"]}}, ("long-enough", "also-long")),
        ({"A": 1234567890, "B": None, "C": True}, ("1234567890",)),
        ({}, ()),
    ],
)
def test_credentials_are_secret_of_whatever_kind(credentials: Any, texts: tuple[str, ...]) -> None:
    assert texts_of(credentials) == texts


def test_a_common_word_is_not_taken_out_of_all_that_is_told() -> None:
    assert secrets_of({"http": "http://proxy:proxy@p:1"}) == (
        "http://proxy:proxy@p:1",
        "proxy:proxy",
    )


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("http://p", "http://p:80"),
        ("http://p/", "http://p:80/"),
        ("http://me:8@p", "http://me:8@p:80"),
        ("http://[fd00::1]", "http://[fd00::1]:80"),
        ("http://p:3128/x", "http://p:3128/x"),
        ("socks5://p", "socks5h://p:1080"),
    ],
)
def test_a_package_manager_is_told_the_port_that_dockerd_takes(address: str, told: str) -> None:
    assert package_environment(proxy(http=address, packages=True)) == {"http_proxy": told}
    assert package_environment(proxy(https=address, packages=True)) == {"https_proxy": told}


def test_apt_and_dnf_have_the_proxy_resolve_names() -> None:
    given = proxy(all="socks5://me:pass@s:1080", no_proxy=["a.com", "*.b.com"], packages=True)
    assert package_environment(given) == {
        "http_proxy": "socks5h://me:pass@s:1080",
        "https_proxy": "socks5h://me:pass@s:1080",
        "no_proxy": "a.com,.b.com",
    }
    assert package_environment(ProxyDeclaration(no_proxy=("a.com",))) == {}


@pytest.mark.parametrize(
    ("host", "entries", "expected"),
    [
        ("a.com", ["a.com"], True),
        ("x.a.com", ["a.com"], True),
        ("x.a.com", [".a.com"], True),
        ("x.A.com", ["*.a.COM"], True),
        ("a.com", ["*.a.com"], False),
        ("10.1.2.3", ["10.0.0.0/8"], True),
        ("10.1.2.3", ["10.1.2.3"], True),
        ("xa.com", ["a.com"], False),
        ("a.com", ["x.a.com"], False),
        ("a.com", ["*"], True),
        ("a.com", [], False),
    ],
)
def test_what_is_reached_directly(host: str, entries: list[str], expected: bool) -> None:
    assert is_direct(host, entries) is expected


@pytest.mark.parametrize("name", ["", "../x", "a b", "limits.conf", "-x", "limits\n"])
def test_a_drop_ins_name_is_plain(name: str) -> None:
    with pytest.raises(DeclarationError, match="name is"):
        drop_in(name=name)


@pytest.mark.parametrize("name", ["http-proxy", "dockwright-storage", "zz-dockwright-hosts"])
def test_a_roles_drop_in_is_no_bodys_own(name: str) -> None:
    with pytest.raises(DeclarationError, match="a role of Dockwright's"):
        drop_in(name=name)


def test_a_name_is_taken_of_the_unit_that_has_it() -> None:
    assert drop_in(name="http-proxy", unit="containerd.service").name == "http-proxy"
    with pytest.raises(DeclarationError, match="a role of Dockwright's"):
        drop_in(name="dockwright-storage", unit="containerd.service")


def test_what_is_reached_directly_holds_no_password() -> None:
    entry = "http://bob:hunter2secret@reg.example"
    with pytest.raises(DeclarationError, match="may hold a password") as failure:
        proxy(https="http://b:1", no_proxy=["a.com", entry])
    assert "hunter2" not in str(failure.value)
    assert entry in secrets_of({"no_proxy": ["a.com", entry]})


@pytest.mark.parametrize(
    "given",
    [
        {"sections": {"Service": "LimitNOFILE=1"}},
        {"sections": {"Service": {"Limit NOFILE": 1}}},
        {"sections": {"Service": {"LimitNOFILE": "1\n[Unit]"}}},
        {"sections": {"Service": {"LimitNOFILE": {"a": 1}}}},
        {"sections": {"Service": {"LimitNOFILE\n": 1}}},
        {"sections": {"Service": {"LimitNOFILE": "1\\"}}},
        {"sections": {"[Service]": {"LimitNOFILE": 1}}},
        {"environment": {"A B": "x"}},
        {"environment": {"A": ["x"]}},
        {"environment": {"A": True}},
        {"environment": {"A": "x\ny"}},
    ],
)
def test_what_would_not_be_one_line_of_a_section_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(DeclarationError):
        drop_in(**given)


def test_credentials_are_not_told_when_they_are_wrong() -> None:
    with pytest.raises(DeclarationError) as failure:
        drop_in(credentials={"TOKEN": "geheim\n"})
    assert "geheim" not in str(failure.value)


def test_a_directive_may_come_again() -> None:
    given = drop_in(sections={"Service": {"ExecStartPre": ["", "/bin/true"], "Delegate": True}})
    assert given.sections == (
        ("Service", (("ExecStartPre", ""), ("ExecStartPre", "/bin/true"), ("Delegate", "yes"))),
    )
