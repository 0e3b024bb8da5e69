"""Compare the tables of daemon.json's keys with real daemons: keys taken, reloads, defaults."""

import json
import shlex
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.words.tables import (
    daemon_defaults,
    daemon_options,
)

from tests.lab import Lab

ENGINES = range(3)
PROBE = Path(__file__).with_name("reload_probe.py")
DEFAULTS_PROBE = Path(__file__).with_name("defaults_probe.py")
RELOADED = sorted(
    key for key, option in daemon_options.OPTIONS.items() if option.changed == daemon_options.RELOAD
)
# A value of each kind with which dockerd finds nothing wrong.
SAMPLES: dict[str, Any] = {
    "bool": True,
    "number": 5,
    "text": "x",
    "list": [],
    "map": {},
    "pools": [{"base": "10.201.0.0/16", "size": 24}],
}
# dockerd looks into an empty map, and finds nothing unknown in it.
SAMPLE_OF = {"nri-opts": {"enable": True}}
# dockerd says this of an unknown key.
UNKNOWN = "don't match any configuration option"
VALIDATE = """\
for key in {keys}; do
    python3 - "$key" <<'END' > /root/sample.json
import json, sys
samples = json.loads('''{samples}''')
print(json.dumps({{sys.argv[1]: samples[sys.argv[1]]}}))
END
    echo "$key $(dockerd --validate --config-file /root/sample.json 2>&1 | tr '\\n' ' ')"
done
"""
Probes = dict[int, dict[str, Any]]


@pytest.fixture(scope="module")
def probes(lab: Lab) -> Probes:
    """Give what the three engines did with every key; each host has some, the oldest first."""
    lab.reset()
    shares = [list(ENGINES)[place :: len(lab.hosts)] for place in range(len(lab.hosts))]

    def each_of(place: int) -> Probes:
        return {index: probe(lab.one(place), index) for index in shares[place]}

    with ThreadPoolExecutor() as pool:
        found = pool.map(each_of, range(len(lab.hosts)))
        return {index: probed for share in found for index, probed in share.items()}


def probe(lab: Lab, index: int) -> dict[str, Any]:
    """Give what one engine did with every key, on the only host of this lab."""
    (host,) = lab.hosts
    version = lab.variables(host)["lab_engines"][index]["version"]
    variables = {"docker_engine_version": version, "docker_daemon_defaults": False}
    # A lab host inherits the machine's forwarding; a machine's own kernel begins without any.
    lab.on(host, "echo 0 > /proc/sys/net/ipv4/ip_forward; iptables -P FORWARD ACCEPT")
    ran = lab.playbook("site.yml", "-e", json.dumps(variables))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    forwards = "cat /proc/sys/net/ipv4/ip_forward; iptables -S FORWARD | head -n 1"
    forwarding = lab.on(host, forwards).split()
    role = {"forwarding": forwarding, "deeds": exercise(lab, version)}
    answer = lab.on(host, f"python3 - <<'END'\n{PROBE.read_text()}\nEND")
    samples = {key: SAMPLES[each.kind] for key, each in daemon_options.OPTIONS.items()}
    samples.update(SAMPLE_OF)
    script = VALIDATE.format(keys=" ".join(samples), samples=json.dumps(samples))
    validated = dict(line.split(" ", 1) for line in lab.on(host, script).splitlines())
    argv = f"python3 - {shlex.quote(json.dumps(defaults(version)))}"
    by_default = lab.on(host, f"{argv} <<'END'\n{DEFAULTS_PROBE.read_text()}\nEND")
    # Without a file and with a fresh daemon, the next engine is asked without leftovers.
    lab.on(host, "rm -f /etc/docker/daemon.json; systemctl restart docker.service")
    return {
        **json.loads(answer),
        **role,
        "version": version,
        "validated": validated,
        "by_default": json.loads(by_default),
    }


def defaults(version: str) -> dict[str, Any]:
    """Give all defaults whose keys an engine takes; graph is another name of data-root.

    With userland-proxy: true in the file, a daemon of 28 starts the same but no reload succeeds: it
    then wants userland-proxy-path too (moby, daemon/config, verifyUserlandProxyConfig).
    """
    engine = daemon_options.parse_version(version)
    return {
        key: value
        for key, value in daemon_defaults.DAEMON_DEFAULTS.items()
        if key not in ("graph", "userland-proxy")
        and daemon_options.is_taken(daemon_options.OPTIONS[key], engine)
    }


def exercise(lab: Lab, version: str) -> dict[str, tuple[str, str, str]]:
    """Change a mirror, remove it, and try a set that cannot start; give what is seen after each.

    That is what Ansible said, the daemon's run, and the mirrors that it uses.
    """
    seen: dict[str, tuple[str, str, str]] = {"before": ("", *look(lab))}
    deeds: dict[str, dict[str, Any]] = {
        "declared": {"docker_daemon_registry_mirrors": ["https://one.invalid"]},
        "changed": {"docker_daemon_registry_mirrors": ["https://two.invalid"]},
        "removed": {},
        "impossible": {
            "docker_daemon_config": {"log-driver": "no-such-driver", "log-opts": {"a": "b"}}
        },
    }
    pinned = {"docker_engine_version": version, "docker_daemon_defaults": False}
    for name, declared in deeds.items():
        variables = {**pinned, **declared, "docker_activation_stable_seconds": 1}
        arguments = ("--tags", "docker_daemon", "-e", json.dumps(variables))
        ran = lab.playbook("site.yml", *arguments)
        seen[name] = (ran.stdout, *look(lab))
    return seen


def look(lab: Lab) -> tuple[str, str]:
    """Name the daemon's run, and the mirrors that it uses."""
    run = "systemctl show --property=InvocationID --value docker.service"
    mirrors = "docker info --format '{{range .RegistryConfig.Mirrors}}{{.}} {{end}}'"
    (host,) = lab.hosts
    return lab.on(host, run).strip(), lab.on(host, mirrors).strip()


@pytest.mark.parametrize("index", ENGINES)
def test_the_roles_do_on_each_engine_what_it_takes(index: int, probes: Probes) -> None:
    deeds = probes[index]["deeds"]
    run = deeds["before"][1]
    for name, mirror in (("declared", "https://one.invalid/"), ("changed", "https://two.invalid/")):
        assert deeds[name][1:] == (run, mirror), deeds[name][0]
    assert deeds["removed"][1] != run, deeds["removed"][0]
    assert deeds["removed"][2] == ""
    told, later, mirrors = deeds["impossible"]
    assert "the daemon serves with it again" in told
    assert "error looking up logging plugin no-such-driver" in told
    assert later != deeds["removed"][1]
    assert mirrors == ""


@pytest.mark.parametrize("index", ENGINES)
def test_each_engine_forwards_no_more_than_by_hand(index: int, probes: Probes) -> None:
    assert probes[index]["forwarding"] == ["1", "-P", "FORWARD", "DROP"]


@pytest.mark.parametrize("key", RELOADED)
@pytest.mark.parametrize("index", ENGINES)
def test_a_reload_does_what_the_table_says(index: int, key: str, probes: Probes) -> None:
    version = daemon_options.parse_version(probes[index]["version"])
    if not daemon_options.is_taken(daemon_options.OPTIONS[key], version):
        assert key not in probes[index]["keys"], "the probe tries a key this engine does not have"
        return
    values = probes[index]["keys"][key]
    assert values["with"] != values["before"], "the reload did not bring it into effect"
    gone = values["without"] == values["before"]
    by_reload = daemon_options.effect_of(key, True, version) == daemon_options.RELOAD
    assert gone == by_reload, values


@pytest.mark.parametrize("index", ENGINES)
def test_a_daemon_tells_the_same_with_its_defaults_written_down(index: int, probes: Probes) -> None:
    without, written = probes[index]["by_default"]
    assert without["reload"], "the daemon told of no reload"
    assert written == without


@pytest.mark.parametrize("index", ENGINES)
def test_the_daemon_was_never_restarted_for_it(index: int, probes: Probes) -> None:
    assert probes[index]["same_daemon"]


@pytest.mark.parametrize("key", sorted(daemon_options.OPTIONS))
@pytest.mark.parametrize("index", ENGINES)
def test_an_engine_takes_the_keys_the_table_says(index: int, key: str, probes: Probes) -> None:
    said = probes[index]["validated"][key]
    version = daemon_options.parse_version(probes[index]["version"])
    if version < (23,):
        assert "unknown flag: --validate" in said, "engines before 23.0 validate nothing"
        return
    taken = daemon_options.is_taken(daemon_options.OPTIONS[key], version)
    # A key that was removed with its own message is told apart from one that was never known.
    assert (UNKNOWN not in said and "have been removed" not in said) == taken, said
    assert "cannot unmarshal" not in said, said


@pytest.mark.parametrize("key", sorted(daemon_options.MISPLACED))
def test_a_misplaced_key_is_none_of_the_keys(key: str) -> None:
    assert key not in daemon_options.OPTIONS
