"""daemon.json as a document: how it is read, how declarations merge, what is never told."""

import copy
import json
from typing import Any

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon.document import (
    NotADocument,
    is_secret,
    keys_of,
    leaves,
    look_up,
    merge,
    pointer_of,
    read_document,
    secrets_of,
    withhold,
    write_document,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon.meaning import (
    canonical,
    is_same,
)
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

# Few keys, so that generated documents share some; some are odd on purpose.
KEYS = st.sampled_from(["debug", "log-opts", "a/b", "~", "", "token", "ü"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
)
VALUES = st.recursive(
    SCALARS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=3),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, max_size=4)
ADDRESSES = st.builds(
    "{}://{}:{}@{}".format,
    st.sampled_from(["http", "https", "tcp"]),
    st.text(alphabet="abz", max_size=3),
    st.text(alphabet="xyz%1", min_size=1, max_size=6),
    st.sampled_from(["proxy.example:3128", "r.example"]),
)
SECRETIVE = st.dictionaries(
    st.sampled_from(["splunk-token", "http-proxy", "tag", "SECRET", "labels"]),
    st.recursive(
        SCALARS | ADDRESSES,
        lambda below: (
            st.lists(below, max_size=3)
            | st.dictionaries(st.sampled_from(["password", "tag"]), below, max_size=2)
        ),
        max_leaves=6,
    ),
    max_size=4,
)
# Nothing of a run is kept, and every run generates the same.
generated = settings(max_examples=200, deadline=None, derandomize=True, database=None)


@pytest.mark.parametrize("text", ["", " \n\t", "{}", "null", "\ufeff", "\ufeff{}"])
def test_nothing_is_an_empty_document(text: str) -> None:
    assert read_document(text) == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"a": 1\n "b": 2}', r"line 2, column 2: Expecting ',' delimiter"),
        ('{"a" 1}', r"line 1, column 6: Expecting ':' delimiter"),
        ('{"a": 1} x', "line 1, column 10: Extra data"),
        ('\ufeff{"a" 1}', "line 1, column 6"),
        ('{"a": "\udcff"}', "line 1, column 8: a byte that is not UTF-8"),
        ('{\n"a": "ü\udc80"}', "line 2, column 8: a byte that is not UTF-8"),
        ("[]", "line 1, column 1: it holds a list, not an object"),
        ("true", "it holds a truth value, not an object"),
        ("7", "it holds a number, not an object"),
        ('"a"', "it holds text, not an object"),
        ('{"a": 1, "a": 1}', 'it holds the key "a" twice'),
        ('{"a": Infinity}', "it holds Infinity, which JSON does not know"),
        ('{"a": -1e400}', "it holds the number -1e400, which is too large"),
        ('{"a": ' * 100000, "nested too deeply|line 1"),
    ],
)
def test_what_is_no_document_is_told(text: str, told: str) -> None:
    with pytest.raises(NotADocument, match=told):
        read_document(text)


@given(st.text() | st.binary().map(lambda data: data.decode("utf-8", "surrogateescape")))
@example("[" * 100000)
@example('{"a": 1' + "0" * 5000 + "}")
@generated
def test_any_text_is_a_document_or_none(text: str) -> None:
    try:
        assert isinstance(read_document(text), dict)
    except NotADocument as problem:
        assert str(problem)


@given(DOCUMENTS, st.data())
@generated
def test_a_document_that_was_tampered_with_is_a_document_or_none(
    document: dict[str, Any], data: st.DataObject
) -> None:
    text = write_document(document)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 3)))
    put_in = data.draw(
        st.sampled_from(["", "{", "}", '"', ",", ":", "\\", "\udcff", "1e999", "\0"])
    )
    try:
        assert isinstance(read_document(text[:start] + put_in + text[end:]), dict)
    except NotADocument as problem:
        assert str(problem)


@given(DOCUMENTS, st.sampled_from(["", '{\n\t"a": 1\n}\n', '{\n    "a": 1\n}\n']))
@example({"half of a pair": "\ud800"}, "")
@generated
def test_a_document_is_read_as_it_was_written(document: dict[str, Any], before: str) -> None:
    text = write_document(document, before)
    assert canonical(read_document(text)) == canonical(document)
    assert write_document(read_document(text), text) == text


def test_a_document_keeps_its_order_and_indentation() -> None:
    text = '{\n\t"b": 1,\n\t"a": {\n\t\t"d": "ü",\n\t\t"c": []\n\t}\n}\n'
    assert write_document(read_document(text), text) == text


@given(DOCUMENTS, DOCUMENTS, DOCUMENTS, st.booleans())
@generated
def test_merging_again_changes_nothing(
    live: dict[str, Any], declared: dict[str, Any], before: dict[str, Any], exclusive: bool
) -> None:
    owned = [pointer_of(keys) for keys, _value in leaves(before)]
    given_live, given_declared = copy.deepcopy(live), copy.deepcopy(declared)
    once = merge(live, declared, owned, exclusive)
    assert canonical([live, declared]) == canonical([given_live, given_declared])
    ours = [pointer_of(keys) for keys, value in leaves(declared) if value is not None]
    assert canonical(merge(once, declared, ours, exclusive)) == canonical(once)


@given(DOCUMENTS, DOCUMENTS, DOCUMENTS, st.booleans())
@generated
def test_merging_loses_nothing_that_is_declared(
    live: dict[str, Any], declared: dict[str, Any], before: dict[str, Any], exclusive: bool
) -> None:
    owned = [pointer_of(keys) for keys, _value in leaves(before)]
    merged = merge(live, declared, owned, exclusive)
    for keys, value in leaves(declared):
        there, found = look_up(merged, keys)
        if value is None:
            assert not there
        elif value == {} and isinstance(value, dict):
            assert there and isinstance(found, dict)
        else:
            assert there and is_same(keys, found, value)


@given(DOCUMENTS, DOCUMENTS, DOCUMENTS)
@generated
def test_merging_keeps_what_nobody_else_touches(
    live: dict[str, Any], declared: dict[str, Any], before: dict[str, Any]
) -> None:
    owned = [keys for keys, _value in leaves(before)]
    merged = merge(live, declared, [pointer_of(keys) for keys in owned])
    touched = owned + [keys for keys, _value in leaves(declared)]

    def is_touched(keys: tuple[str, ...]) -> bool:
        return any(keys[: len(each)] == each or each[: len(keys)] == keys for each in touched)

    for keys, value in leaves(live):
        if not is_touched(keys):
            there, found = look_up(merged, keys)
            assert there and canonical(found) == canonical(value)


@given(DOCUMENTS, DOCUMENTS)
@generated
def test_merging_exclusively_leaves_what_is_declared(
    live: dict[str, Any], declared: dict[str, Any]
) -> None:
    assume(not any(value == {} for _keys, value in leaves(declared)))
    merged = merge(live, declared, exclusive=True)
    wanted = {keys for keys, value in leaves(declared) if value is not None}
    assert {keys for keys, _value in leaves(merged)} == wanted


@pytest.mark.parametrize(
    ("live", "declared", "owned", "merged"),
    [
        ({"a": {"b": 1}}, {}, ["/a/b"], {}),
        ({"a": {"b": 1, "c": 2}}, {}, ["/a/b"], {"a": {"c": 2}}),
        ({"a": 1}, {}, ["/a/b"], {"a": 1}),
        ({"a": {"b": 1}}, {"a": {}}, [], {"a": {"b": 1}}),
        ({"a": {"b": 1}}, {"a": {"c": 2}}, [], {"a": {"b": 1, "c": 2}}),
        ({"a": {"b": 1}}, {"a": 2}, [], {"a": 2}),
        ({"a": 1}, {"a": {"b": {"c": 2}}}, [], {"a": {"b": {"c": 2}}}),
        ({"a": 1}, {"a": True}, [], {"a": True}),
        ({"a": [1, 2]}, {"a": [3]}, [], {"a": [3]}),
        ({"a": {"b": 1}}, {"a": None}, [], {}),
    ],
)
def test_merging(
    live: dict[str, Any], declared: dict[str, Any], owned: list[str], merged: dict[str, Any]
) -> None:
    assert canonical(merge(live, declared, owned)) == canonical(merged)


def test_an_equal_value_stays_as_it_was_written() -> None:
    merged = merge({"b": {"y": 1, "x": 2}, "a": 0}, {"b": {"x": 2, "y": 1}, "a": 1})
    assert json.dumps(merged) == '{"b": {"y": 1, "x": 2}, "a": 1}'


@given(st.lists(st.text(max_size=4), min_size=1, max_size=4).map(tuple))
@example(("~1", "a/b", ""))
@generated
def test_a_pointer_is_read_as_it_was_written(keys: tuple[str, ...]) -> None:
    assert keys_of(pointer_of(keys)) == keys


UUID = "0b4ee4bf-5a4e-4c5a-9a0b-6c0b1d2f3a4e"
# Secrets that log drivers, their plugins and other parts of daemon.json have.
SECRETS: list[tuple[tuple[str, ...], Any]] = [
    (("http-headers", "Authorization"), "x"),
    (("http-headers", "X-Scope"), "x"),
    (("HttpHeaders", "Cookie"), "x"),
    (("log-opts", "http-headers.Authorization"), "x"),
    (("log-opts", "http-headers"), "X-Api-Key: abc"),
    (("log-opts", "loki-headers"), "Authorization: Basic dXNlcjpwdw=="),
    (("log-opts", "sumologic-url"), "https://collectors.sumologic.com/x"),
    (("log-opts", "gelf-address"), f"https://logs.example.com/in/{UUID}"),
    (("log-opts", "loki-url"), "https://hooks.example.com/services/T0/B0/XyZ01234567890abcdefghij"),
    (("log-opts", "syslog-address"), "tcp://logs.example.com?token=abc"),
    (("log-opts", "fluentd-address"), "tls://logs.example.com:1?a=b&sig=abc"),
    (("log-opts", "logentries-token"), "x"),
    (("log-opts", "fluentd-shared-key"), "x"),
    (("log-opts", "shared_key"), "x"),
    (("log-opts", "dd-api-key"), "x"),
    (("log-opts", "apikey"), "x"),
    (("log-opts", "loki-bearer"), "x"),
    (("log-opts", "license-key"), "x"),
    (("log-opts", "aws-access-key-id"), "x"),
    (("log-opts", "syslog-tls-passphrase"), "x"),
    (("log-opts", "smtpPass"), "x"),
    (("log-opts", "kafka-pwd"), "x"),
    (("log-opts", "sentry-dsn"), "x"),
    (("log-opts", "webhook-url"), "https://a.example/x"),
    (("log-opts", "azure"), "Endpoint=https://a.example;AccountKey=abc"),
    (("log-opts", "extra"), "Bearer abcdefgh"),
    (("log-opts", "extra"), "-----BEGIN EC PRIVATE KEY-----"),
    (("log-opts", "env"), "API_TOKEN=abc"),
    (("auths", "registry.example", "auth"), "x"),
    (("credentials", "registry", "value"), "x"),
    (("proxies", "http-proxy"), "http://user:p/w@proxy.example"),
    (("runtimes", "kata", "runtimeArgs"), ["--debug", "--token", "abc"]),
    (("runtimes", "kata", "runtimeArgs"), ["--auth-key=abc"]),
    (("runtimes", "kata", "options"), [{"Deep": {"ApiKey": "abc"}}]),
    (("labels",), ["a=b", "deploy-token=abc"]),
    (("log-opts",), "splunk-token=abc"),
]
# Ordinary words, paths of secrets, and values that only look like secrets.
ORDINARY: list[tuple[tuple[str, ...], Any]] = [
    *(
        (("log-opts", name), value)
        for name, value in {
            "max-size": "50m",
            "max-file": "5",
            "compress": "true",
            "mode": "non-blocking",
            "max-buffer-size": "4m",
            "tag": "{{.Name}}/{{.ID}}",
            "labels": "token_type,author",
            "labels-regex": "^(password|token)",
            "env": "API_TOKEN,PATH",
            "env-regex": "^(OS|TOKEN)",
            "awslogs-region": "eu-central-1",
            "awslogs-group": "authors",
            "awslogs-stream": "keyboard",
            "awslogs-datetime-format": "%Y=%m",
            "awslogs-endpoint": "https://logs.eu-central-1.amazonaws.com",
            "fluentd-address": "tcp://logs.example.com:24224",
            "gcp-project": "passenger",
            "gelf-address": "udp://logs.example.com:12201",
            "splunk-url": "https://splunk.example.com:8088",
            "splunk-capath": "/etc/ssl/splunk.pem",
            "splunk-caname": "SplunkServerDefaultCert",
            "splunk-insecureskipverify": "true",
            "syslog-address": "tcp+tls://logs.example.com:6514",
            "syslog-tls-ca-cert": "/etc/ssl/ca.pem",
            "syslog-tls-key": "/etc/ssl/key.pem",
            "token-file": "/run/secrets/token",
            "auth-type": "basic",
            "tls-private-key": "/etc/ssl/private/key.pem",
        }.items()
    ),
    (("authorization-plugins",), ["authz-broker"]),
    (("bypass",), "x"),
    (("data-root",), "/srv/0b4ee4bf5a4e4c5a9a0b6c0b1d2f3a4e"),
    (("deprecated-key-path",), "/etc/docker/key.json"),
    (("exec-opts",), ["native.cgroupdriver=systemd"]),
    (("features", "token-auth"), True),
    (("http-headers", "User-Agent"), "docker"),
    (
        ("registry-mirrors",),
        ["https://abcd1234.mirror.aliyuncs.com/library/postgresql-replication"],
    ),
    (("registry-mirrors",), ["https://a.example:5000/team@2"]),
    (("runtimes", "kata", "runtimeArgs"), ["--config", "/etc/kata.toml"]),
    (("seccomp-profile",), "/etc/docker/seccomp.json"),
    (("storage-opts",), ["overlay2.size=10G"]),
    (("tlscert",), "/etc/docker/cert.pem"),
    (("tlscacert",), "/etc/docker/ca.pem"),
]


@pytest.mark.parametrize(
    ("keys", "value", "secret"),
    [
        (("log-opts", "splunk-token"), "x", True),
        (("log-opts", "SPLUNK-TOKEN"), 5, True),
        (("log-opts", "splunk-token"), "", False),
        (("log-opts", "aws-secret-access-key"), "x", True),
        (("proxies", "http-proxy"), "http://user:pw@proxy.example", True),
        (("proxies", "http-proxy"), "http://user@proxy.example", True),
        (("proxies", "http-proxy"), "user:pw@proxy.example", True),
        (("proxies", "http-proxy"), "http://proxy.example", False),
        (("registry-mirrors",), ["https://a.example", "https://u:p@b.example"], True),
        (("labels",), ["owner=ops@example.com"], False),
        (("storage-driver",), "example/driver:1", False),
        (("builder",), {"gc": {"password": "x"}}, True),
        (("tlskey",), "/etc/docker/key.pem", False),
        *((keys, value, True) for keys, value in SECRETS),
        *((keys, value, False) for keys, value in ORDINARY),
    ],
)
def test_a_secret_is_known_by_its_name_or_its_shape(
    keys: tuple[str, ...], value: Any, secret: bool
) -> None:
    assert is_secret(keys, value) == secret


def test_a_password_is_withheld_without_its_address_as_well() -> None:
    secrets = secrets_of({"proxies": {"http-proxy": "http://user:geheim@proxy.example"}})
    told = withhold("proxy http://user:geheim@proxy.example: bad password geheim", secrets)
    assert told == "proxy (not shown): bad password (not shown)"


@given(SECRETIVE, st.text(max_size=10), st.text(max_size=10))
@generated
def test_no_secret_is_left_in_a_text(document: dict[str, Any], before: str, after: str) -> None:
    secrets = secrets_of(document)
    told = before + write_document(document) + " ".join(secrets) + after
    left = withhold(told, secrets).replace("(not shown)", "\0")
    assert not [secret for secret in secrets if secret in left]


@pytest.mark.parametrize("token", ['a"b', "a\\b", "a\tb"])
def test_a_secret_is_withheld_where_it_is_quoted(token: str) -> None:
    document = {"log-opts": {"splunk-token": token}}
    secrets = secrets_of(document)
    assert token not in withhold(token, secrets)
    assert json.dumps(token)[1:-1] not in withhold(json.dumps(document), secrets)
    in_a_log = json.dumps(json.dumps(document))
    assert withhold(in_a_log, secrets) == in_a_log.replace(
        json.dumps(json.dumps(token)[1:-1])[1:-1], "(not shown)"
    )
