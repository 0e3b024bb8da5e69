"""Values of daemon.json, compared with what real engines did with them.

Each was tried with dockerd 28.5.2, or is from moby's source: whether dockerd, and a container,
starts.
"""

from typing import Any

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon_checks.checks import (
    check_document,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon_checks.circumstances import (
    Circumstances,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon_values.go_values import (
    duration_of,
    near,
    size_of,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.image_store.store import (
    GRAPH_DRIVER,
    Store,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.docker.named_files import (
    NamedFileObserved,
    NamedFilesObserved,
    look_at_named,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.tables import log_drivers
from ansible_collections.dockwright.host.plugins.module_utils.words.tables.daemon_options import (
    Version,
)

NOW: Version = (28, 5, 2)
Document = dict[str, Any]


def refused(document: Document, version: Version = NOW, foreign: bool = False) -> list[str]:
    """Give the pointers that are refused, in a declaration or in a file that nobody declared."""
    names = look_at_named(document).names
    known = Circumstances(
        version=version,
        family="deb",
        flags={},
        flags_source="",
        takes_hosts=False,
        swarm=False,
        declared={} if foreign else document,
        store=Store(kind=GRAPH_DRIVER, driver=document.get("storage-driver", "overlay2")),
        named_files=NamedFilesObserved({name: NamedFileObserved() for name in names}),
        open_files=1048576,
    )
    return sorted({pointer for pointer, _refusal in check_document(document, known)})


def limit(**fields: Any) -> Document:
    return {"default-ulimits": {"nofile": fields}}


WORKS: list[Document] = [
    {"log-opts": {"max-file": "3"}},
    {"log-opts": {"cache-max-size": "apples"}},
    {"log-opts": {"max-size": "1.5 GiB", "max-file": "+2", "compress": "T"}},
    {"log-driver": "local", "log-opts": {"max-size": "0"}},
    {"log-driver": "local", "log-opts": {"max-file": "1", "compress": "false"}},
    {"log-driver": "none", "log-opts": {"max-size": "x", "foo": "y"}},
    {"log-driver": ""},
    {"log-driver": "loki", "log-opts": {"loki-url": "x"}},
    {"log-driver": "sumologic"},
    {"log-driver": "fluentbit"},
    {"log-opts": {"mode": "non-blocking", "max-buffer-size": "4m"}},
    {"log-driver": "fluentd", "log-opts": {"fluentd-address": "[::1]:24224"}},
    {"log-driver": "fluentd", "log-opts": {"fluentd-retry-wait": "1m30s"}},
    {"log-driver": "gelf", "log-opts": {"gelf-address": "udp://h:12201"}},
    {"log-driver": "syslog", "log-opts": {"syslog-facility": "23", "syslog-format": "rfc5424"}},
    {"log-driver": "awslogs", "log-opts": {"awslogs-group": "g", "awslogs-format": "json/emf"}},
    limit(Name="NOFILE", Hard=1000, Soft=1000),
    {"default-ulimits": {"core": {"Name": "core", "Hard": -5, "Soft": -5}}},
    {"default-ulimits": {"as": {"Name": "as", "Hard": -1, "Soft": -1}}},
    {"default-ulimits": {"nproc": {"Name": "nproc", "Hard": 0, "Soft": 0}}},
    {"default-runtime": ""},
    {"default-runtime": "io.containerd.runc.v2"},
    {"default-runtime": "io.containerd.kata.v2"},
    {"storage-opts": ["OVERLAY2.SIZE = 0"]},
    {"storage-driver": "vfs", "storage-opts": ["size=10G"]},
    {"seccomp-profile": "builtin"},
    {"userland-proxy": False, "userland-proxy-path": "/not/there"},
    {"tlscacert": "/n", "tlscert": "/n", "tlskey": "/n"},
    {"cdi-spec-dirs": ["/not/there"]},
    {"default-shm-size": "64 m"},
    {"default-shm-size": "0"},
    {"insecure-registries": ["http://x", "HTTPS://y:5000", "10.0.0.0/8", "::1/128", "fd00::1"]},
    {"shutdown-timeout": -5},
    {"max-download-attempts": 0},
    {"mtu": 0},
    {"metrics-addr": "127.0.0.1:9323"},
    {"metrics-addr": "[::1]:9323"},
    {"metrics-addr": ":http"},
    {"log-opts": {"tag": "{{- .Name -}}{{/* of .Nobody */}}"}},
    {"proxies": {"http-proxy": "http://proxy.example:3128", "no-proxy": None}},
    {"default-network-opts": {"bridge": {"com.docker.network.driver.mtu": "1400"}}},
    {"builder": {"gc": {"enabled": False, "defaultKeepStorage": "20 apples"}}},
    {"labels": ["a=1", "a=1"]},
    {"node-generic-resources": ["gpu=uuid-1", "gpu=uuid-2", "ssd=3"]},
    {"exec-opts": ["native.cgroupdriver=systemd"]},
    {"builder": {"gc": {"enabled": True, "defaultKeepStorage": "20GB", "policy": []}}},
]
FAILS: list[tuple[Document, str]] = [
    ({"log-driver": "json"}, "/log-driver"),
    ({"log-driver": "json-file "}, "/log-driver"),
    ({"log-driver": "JSON-file"}, "/log-driver"),
    ({"log-driver": "jornald"}, "/log-driver"),
    ({"log-driver": "journalctl"}, "/log-driver"),
    ({"log-driver": "etwlogs"}, "/log-driver"),
    (
        {"log-driver": "fluentd", "log-opts": {"fluentd-async-reconnect-interval": "1ms"}},
        "/log-opts/fluentd-async-reconnect-interval",
    ),
    ({"log-driver": "gelf"}, "/log-driver"),
    ({"log-driver": "loki", "log-opts": {"mode": "x"}}, "/log-opts/mode"),
    ({"log-opts": {"max-size": "50 apples"}}, "/log-opts/max-size"),
    ({"log-opts": {"max-size": "0"}}, "/log-opts/max-size"),
    ({"log-opts": {"max-size": "-1"}}, "/log-opts/max-size"),
    ({"log-opts": {"max-file": "0"}}, "/log-opts/max-file"),
    ({"log-opts": {"max-file": "three"}}, "/log-opts/max-file"),
    ({"log-opts": {"max-file": "9" * 20}}, "/log-opts/max-file"),
    ({"log-opts": {"compress": "true"}}, "/log-opts/compress"),
    ({"log-opts": {"tag": "{{.Nope}}"}}, "/log-opts/tag"),
    ({"log-opts": {"tag": "{{.Name"}}, "/log-opts/tag"),
    ({"log-opts": {"labels-regex": "["}}, "/log-opts/labels-regex"),
    ({"log-opts": {"cache-disabled": "maybe"}}, "/log-opts/cache-disabled"),
    ({"log-driver": "local", "log-opts": {"max-file": "1"}}, "/log-opts/max-file"),
    ({"log-driver": "local", "log-opts": {"labels": "a"}}, "/log-opts/labels"),
    (
        {"log-driver": "splunk", "log-opts": {"cache-max-size": "apples"}},
        "/log-opts/cache-max-size",
    ),
    (
        {"log-driver": "syslog", "log-opts": {"syslog-address": "unix:///nowhere"}},
        "/log-opts/syslog-address",
    ),
    (
        {"log-driver": "fluentd", "log-opts": {"fluentd-max-retries": "-1"}},
        "/log-opts/fluentd-max-retries",
    ),
    (limit(Hard=64000, Soft=64000), "/default-ulimits/nofile"),
    (limit(Name="nofile", Hard=10, Soft=64000), "/default-ulimits/nofile"),
    (limit(Name="nofile", Hard=-1, Soft=-1), "/default-ulimits/nofile"),
    (limit(Name="nofile", Hard=2073741816, Soft=1000), "/default-ulimits/nofile"),
    (limit(Name="nofile"), "/default-ulimits/nofile"),
    (limit(Name="foo", Hard=1, Soft=1), "/default-ulimits/nofile/Name"),
    (limit(name="nofile", hard="1000", soft=1000), "/default-ulimits/nofile/Hard"),
    (limit(Name="nofile", Hard=True, Soft=1), "/default-ulimits/nofile/Hard"),
    (limit(Name="nofile", Hard=2**63, Soft=1), "/default-ulimits/nofile/Hard"),
    ({"default-ulimits": {"nofile": None}}, "/default-ulimits/nofile"),
    ({"default-runtime": "x", "runtimes": {"x": {"path": "/n"}}}, "/runtimes/x/path"),
    ({"default-runtime": "x", "runtimes": {"x": {"Path": "n"}}}, "/runtimes/x/path"),
    ({"default-runtime": "x", "runtimes": {"x": {"path": "n/m"}}}, "/runtimes/x/path"),
    ({"default-runtime": "x", "runtimes": {"x": {"runtimeType": "/n"}}}, "/runtimes/x/runtimeType"),
    ({"runtimes": {"x": {"runtimeType": "runsc"}}}, "/runtimes/x/runtimeType"),
    ({"runtimes": {"x": {}}}, "/runtimes/x"),
    ({"runtimes": {"x": None}}, "/runtimes/x"),
    ({"runtimes": {"runc": {"path": "/usr/bin/runc"}}}, "/runtimes/runc"),
    ({"default-runtime": "kata"}, "/default-runtime"),
    ({"default-runtime": "/usr/bin/runc"}, "/default-runtime"),
    ({"default-runtime": "io.containerd.runtime.v1.linux"}, "/default-runtime"),
    ({"storage-driver": "overlay2", "storage-opts": ["dm.basesize=10G"]}, "/storage-opts"),
    ({"storage-driver": "vfs", "storage-opts": ["vfs.size=10G"]}, "/storage-opts"),
    ({"storage-driver": "zfs", "storage-opts": ["zfs.name=x"]}, "/storage-opts"),
    ({"seccomp-profile": "default"}, "/seccomp-profile"),
    ({"init-path": "/not/there", "init": True}, "/init-path"),
    ({"userland-proxy-path": "/not/there"}, "/userland-proxy-path"),
    ({"tls": True, "tlscacert": "/n"}, "/tlscacert"),
    ({"default-shm-size": ""}, "/default-shm-size"),
    ({"insecure-registries": ["ftp://x"]}, "/insecure-registries"),
    ({"insecure-registries": ["x:70000"]}, "/insecure-registries"),
    ({"insecure-registries": [""]}, "/insecure-registries"),
    ({"node-generic-resources": ["gpu=-1"]}, "/node-generic-resources"),
    ({"node-generic-resources": ["gpu=1", "gpu=a"]}, "/node-generic-resources"),
    ({"exec-opts": ["native.cgroupdriver"]}, "/exec-opts"),
    ({"exec-opts": ["native.cgroupdriver=none"]}, "/exec-opts"),
    (
        {"builder": {"gc": {"policy": [{"keepStorage": "20 apples"}]}}},
        "/builder/gc/policy/keepStorage",
    ),
    ({"metrics-addr": "x"}, "/metrics-addr"),
    ({"metrics-addr": "127.0.0.1:70000"}, "/metrics-addr"),
    ({"proxies": {"httpProxy": "http://proxy.example:3128"}}, "/proxies/httpProxy"),
    ({"proxies": {"no-proxy": ["localhost"]}}, "/proxies/no-proxy"),
    (
        {"default-network-opts": {"bridge": {"com.docker.network.driver.mtu": 1400}}},
        "/default-network-opts/bridge/com.docker.network.driver.mtu",
    ),
    (
        {"default-runtime": "x", "runtimes": {"x": {"path": "/n", "runtimeArgs": [1]}}},
        "/runtimes/x/runtimeArgs",
    ),
    (
        {"log-driver": "fluentd", "log-opts": {"fluentd-address": "udp://h:24224"}},
        "/log-opts/fluentd-address",
    ),
    ({"mtu": 50}, "/mtu"),
    ({"mtu": -5}, "/mtu"),
    ({"network-diagnostic-port": 70000}, "/network-diagnostic-port"),
    ({"log-format": "xml"}, "/log-format"),
]


@pytest.mark.parametrize("document", WORKS, ids=str)
def test_what_works_is_not_refused(document: Document) -> None:
    assert refused(document) == []
    assert refused(document, foreign=True) == []


@pytest.mark.parametrize(("document", "pointer"), FAILS, ids=str)
def test_what_cannot_work_is_refused(document: Document, pointer: str) -> None:
    assert refused(document) == [pointer]


@pytest.mark.parametrize(
    "document",
    [
        {"runtimes": {"x": {"path": "/not/there"}}},
        {"init-path": "/not/there"},
        {"log-driver": "gelf"},
        {"default-ulimits": {"files": {"Name": "nofile", "Hard": 1000, "Soft": 1000}}},
        {"storage-driver": "fuse-overlayfs", "storage-opts": ["a=b"]},
    ],
    ids=str,
)
def test_what_a_daemon_serves_with_stays_where_nobody_declared_it(document: Document) -> None:
    assert refused(document) != []
    assert refused(document, foreign=True) == []


@pytest.mark.parametrize("name", sorted(log_drivers.LOG_DRIVERS))
def test_each_driver_takes_its_options_in_its_time(name: str) -> None:
    driver = log_drivers.LOG_DRIVERS[name]
    for option, kind in driver.options.items():
        opts = {driver.required or option: "x", option: "x"}
        document: Document = {"log-driver": name, "log-opts": opts}
        for version, taken in ((kind.since, True), (kind.until, False)):
            if version and not driver.until:
                # A value of a wrong kind gets another message than an option that is not taken.
                known = Circumstances(
                    version=version,
                    family="deb",
                    flags={},
                    flags_source="",
                    takes_hosts=False,
                    swarm=False,
                    declared=document,
                )
                told = [
                    refusal.found
                    for pointer, refusal in check_document(document, known)
                    if pointer == f"/log-opts/{option}"
                ]
                assert any("is no option of" in each for each in told) != taken


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("10m", 10_000_000),
        ("10", 10),
        ("1.5 GiB", 1_500_000_000),
        ("1e3", 1000),
        (".5k", 500),
        ("10 b", 10),
        ("10ki", None),
        ("10 m ", None),
        (" 10m", None),
        ("10mm", None),
        ("m", None),
        ("", None),
        ("-1", None),
        ("50 apples", None),
        ("1e999", None),
        ("9" * 5000, None),
    ],
)
def test_sizes_are_read_as_dockerd_reads_them(text: str, size: int | None) -> None:
    assert size_of(text) == size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0.0), ("1m30s", 90.0), ("500ms", 0.5), ("-2s", -2.0), ("5", None), ("s", None)],
)
def test_durations_are_read_as_dockerd_reads_them(text: str, seconds: float | None) -> None:
    assert duration_of(text) == seconds


def test_only_a_near_name_is_proposed() -> None:
    known = ("max-size", "max-file", "journald", "json-file")
    proposed = {name: near(name, known) for name in ("maxsize", "JSON_FILE", "journal", "loki")}
    assert proposed == {
        "maxsize": "max-size",
        "JSON_FILE": "json-file",
        "journal": "journald",
        "loki": "",
    }
