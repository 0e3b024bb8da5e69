"""Replace the engine under a running daemon: scripts restart nothing, the activation does, once."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.lab import ROOT, Lab

# The other roles have no part in it, and take as long.
ROLES = ("docker_engine", "docker_daemon")
TAGS = ("--tags", ",".join(ROLES))
DAEMON = "systemctl show --property=InvocationID --property=MainPID docker.service"
STARTS = "journalctl -u docker.service -o cat --no-pager | grep -c '^Started docker.service'"
CONTAINER = "docker inspect --format '{{.State.Pid}} {{.State.StartedAt}}' keeper"


@pytest.fixture(scope="module")
def oldest(lab: Lab) -> Lab:
    """Hosts with the oldest engine, made from bare ones."""
    lab = lab.distinct(1)
    lab.reset()
    site(lab, version(lab, 0))
    return lab


def version(lab: Lab, index: int) -> str:
    engines = lab.variables(lab.hosts[0])["lab_engines"]
    return str(engines[index]["version"])


def declared(**variables: object) -> dict[str, object]:
    """Give what is declared, without live-restore, with which no restart stops a container."""
    return {"docker_daemon_defaults": False, **variables}


def site(lab: Lab, pinned: str, playbook: str = "site.yml", **variables: Any) -> str:
    extra = json.dumps(declared(docker_engine_version=pinned, **variables))
    ran = lab.playbook(playbook, *(TAGS if playbook == "site.yml" else ()), "-e", extra)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def packages(lab: Lab, host: str) -> str:
    """Give the versions of Docker's packages in the package database."""
    rpm = "rpm -qa 'docker-*' containerd.io | sort"
    return lab.on(host, rpm if host == "centos9" else "dpkg-query -W 'docker-*' containerd.io")


def daemon_says(lab: Lab, host: str) -> str:
    return lab.on(host, "docker version --format '{{.Server.Version}}'")


def test_an_unattended_upgrade_moves_nothing(oldest: Lab) -> None:
    before = {host: packages(oldest, host) for host in oldest.hosts}
    upgrade = {
        host: "dnf -y --refresh upgrade"
        if host == "centos9"
        else "apt-get update -q; apt-get dist-upgrade -y -q"
        for host in oldest.hosts
    }
    oldest.everywhere(upgrade)
    assert {host: packages(oldest, host) for host in oldest.hosts} == before


def test_a_downgrade_within_a_major_version_keeps_the_set_together(oldest: Lab) -> None:
    earlier = str(oldest.variables(oldest.hosts[0])["lab_earlier_patch"]["version"])
    assert earlier.split(".")[0] == version(oldest, 0).split(".")[0]
    site(oldest, earlier)
    for host in oldest.hosts:
        assert daemon_says(oldest, host).startswith(earlier)
        client = oldest.on(host, "docker version --format '{{.Client.Version}}'")
        assert client.startswith(earlier)
    # A prefix accepts the present version, and takes the newest one under it when asked.
    prefix = version(oldest, 0).split(".")[0]
    assert "no hosts matched" in site(oldest, prefix)
    site(oldest, prefix, docker_engine_upgrade=True)
    for host in oldest.hosts:
        assert daemon_says(oldest, host).startswith(version(oldest, 0))


# Programs that somebody has apt and dnf run; through /proc they would reach the host itself.
MARK = "touch /proc/1/root/root/a-hook-ran"
PLUGINS = "$(python3 -c 'import dnf; print(dnf.__path__[0])')-plugins"
HOOKS = {
    "deb": f"""cat > /etc/apt/apt.conf.d/zz-theirs <<'END'
APT::Update::Pre-Invoke {{ "{MARK}"; }};
APT::Update::Post-Invoke {{ "{MARK}"; }};
APT::Update::Post-Invoke-Success {{ "{MARK}"; }};
Binary::apt-get::APT::Update::Pre-Invoke {{ "{MARK}"; }};
END
""",
    "rpm": f"""cat > {PLUGINS}/theirs.py <<'END'
import dnf, os
class Theirs(dnf.Plugin):
    name = "theirs"
    def __init__(self, base, cli):
        os.system("{MARK}")
END
""",
}
# A mount below what is covered, with a name in which hardly a letter may be written as it is.
MOUNT = """
mkdir "/var/a, b:c"; mount -t tmpfs none "/var/a, b:c"
"""
UNDONE = "umount '/var/a, b:c'; rmdir '/var/a, b:c'; rm -f /etc/apt/apt.conf.d/zz-theirs"


def test_a_plan_that_asks_the_sites_leaves_no_byte(oldest: Lab, tmp_path: Path) -> None:
    for host in oldest.hosts:
        oldest.on(host, HOOKS["rpm" if host == "centos9" else "deb"] + MOUNT)
    snapshot = (ROOT / "molecule" / "shared" / "snapshot.py").read_text()
    look = f"python3 - <<'END'\n{snapshot}\nEND"
    before = {host: oldest.on(host, look) for host in oldest.hosts}
    plans = oldest.plan(tmp_path, declared(docker_engine_upgrade=True))
    for host in oldest.hosts:
        assert oldest.on(host, look) == before[host]
        named = {each["path"]: each["expected"] for each in plans[host]["differences"]}
        assert f":{version(oldest, 2)}-" in named["docker-ce"]
        assert {"docker-ce-cli", "docker-ce"} <= set(named)
        hooks = f"rm {PLUGINS}/theirs.py" if host == "centos9" else "true"
        seen = oldest.on(host, f"ls /root; {UNDONE}; {hooks}")
        assert "a-hook-ran" not in seen


def test_package_scripts_leave_the_running_daemon_alone(oldest: Lab, tmp_path: Path) -> None:
    before = {host: oldest.on(host, DAEMON) for host in oldest.hosts}
    site(oldest, version(oldest, 1), playbook="tests/contract/deferred.yml")
    assert {host: oldest.on(host, DAEMON) for host in oldest.hosts} == before
    planned = {"docker_plan_roles": [*ROLES, "docker_activation"]}
    plans = oldest.plan(tmp_path, declared(docker_engine_version=version(oldest, 1), **planned))
    for host in oldest.hosts:
        assert daemon_says(oldest, host).startswith(version(oldest, 0))
        named = [(each["resource"], each["path"]) for each in plans[host]["differences"]]
        assert ("service.binary", "docker.service") in named
        assert {resource for resource, _path in named} == {"service.binary"}


def test_activation_starts_the_new_program_once(oldest: Lab) -> None:
    starts = {host: int(oldest.on(host, STARTS)) for host in oldest.hosts}
    site(oldest, version(oldest, 1))
    for host in oldest.hosts:
        assert daemon_says(oldest, host).startswith(version(oldest, 1))
        assert int(oldest.on(host, STARTS)) == starts[host] + 1


def test_the_daemon_can_be_restarted_by_hand_afterwards(oldest: Lab) -> None:
    oldest.everywhere(dict.fromkeys(oldest.hosts, "systemctl restart docker.service"))
    for host in oldest.hosts:
        assert daemon_says(oldest, host).startswith(version(oldest, 1))


def test_an_upgrade_under_a_running_container_is_refused_and_nothing_stops(oldest: Lab) -> None:
    registry = oldest.variables(oldest.hosts[0])["lab_registry"]
    for host in oldest.hosts:
        # One second to stop: a sleep ignores SIGTERM, and each stop would take ten.
        certificate = Path(oldest.variables(host)["lab_registry_ca"]).read_text()
        folder = f"/etc/docker/certs.d/{registry}"
        oldest.on(
            host,
            f"mkdir -p {folder}; echo {shlex.quote(certificate)} > {folder}/ca.crt; "
            f"docker run -d --stop-timeout 1 --name keeper {registry}/library/busybox sleep 3600",
        )
    before = {host: oldest.on(host, CONTAINER) for host in oldest.hosts}
    installed = {host: packages(oldest, host) for host in oldest.hosts}
    variables = json.dumps(declared(docker_engine_version=version(oldest, 2)))
    for mode in ([], ["--check"]):
        ran = oldest.playbook("site.yml", *TAGS, "-e", variables, *mode)
        assert ran.returncode == 2, ran.stdout + ran.stderr
        assert "would stop 1 running container (keeper)." in ran.stdout
        assert "Set docker_activation_allow_container_stop" in ran.stdout
    assert {host: oldest.on(host, CONTAINER) for host in oldest.hosts} == before
    assert {host: packages(oldest, host) for host in oldest.hosts} == installed


LIVE_RESTORE = """\
printf '{"live-restore": true}' > /etc/docker/daemon.json
systemctl reload docker.service
for _ in $(seq 50); do docker info | grep -q 'Live Restore Enabled: true' && break; sleep 0.1; done
"""


def test_with_live_restore_another_line_takes_the_consent_and_containers_live(
    oldest: Lab,
) -> None:
    """Docker promises this only for patch releases; here containers lived through others too."""
    oldest.everywhere(dict.fromkeys(oldest.hosts, LIVE_RESTORE))
    before = {host: oldest.on(host, CONTAINER) for host in oldest.hosts}
    variables = json.dumps(declared(docker_engine_version=version(oldest, 2)))
    ran = oldest.playbook("site.yml", *TAGS, "-e", variables, "--check")
    assert ran.returncode == 2, ran.stdout + ran.stderr
    assert "it may stop 1 running container (keeper). Set docker_activation_allow" in ran.stdout
    site(oldest, version(oldest, 2), docker_activation_allow_container_stop=True)
    for host in oldest.hosts:
        assert daemon_says(oldest, host).startswith(version(oldest, 2))
        assert oldest.on(host, "docker ps --format '{{.Names}}'").strip() == "keeper"
        assert oldest.on(host, "docker exec keeper echo it is still managed").strip()
    assert {host: oldest.on(host, CONTAINER) for host in oldest.hosts} == before


def test_an_older_major_is_refused_without_consent(oldest: Lab) -> None:
    variables = json.dumps(declared(docker_engine_version=version(oldest, 0)))
    ran = oldest.playbook("site.yml", *TAGS, "-e", variables)
    assert ran.returncode == 2, ran.stdout + ran.stderr
    assert "docker_engine_allow_downgrade" in ran.stdout


def test_with_consent_the_older_major_is_installed_though_containers_stop(oldest: Lab) -> None:
    # From here on without live-restore, which the daemon learns while its container runs.
    off = "rm /etc/docker/daemon.json; systemctl restart docker.service; docker start keeper"
    oldest.everywhere(dict.fromkeys(oldest.hosts, off))
    site(
        oldest,
        version(oldest, 1),
        docker_engine_allow_downgrade=True,
        docker_activation_allow_container_stop=True,
    )
    for host in oldest.hosts:
        assert daemon_says(oldest, host).startswith(version(oldest, 1))
        client = oldest.on(host, "docker version --format '{{.Client.Version}}'")
        assert client.startswith(version(oldest, 1))


def test_a_version_the_site_has_not_is_answered_with_those_it_has(oldest: Lab) -> None:
    variables = json.dumps(declared(docker_engine_version="99.0.0"))
    ran = oldest.playbook("site.yml", *TAGS, "-e", variables)
    assert ran.returncode == 2, ran.stdout + ran.stderr
    for index in range(3):
        assert version(oldest, index) in ran.stdout
    assert "No package was changed" in ran.stdout


# Somebody's own entry: the lab's site as a mirror of the office's, with its own key.
MIRROR = {
    "deb": """
cd /etc/apt/sources.list.d; cp /etc/apt/keyrings/docker.asc /etc/apt/keyrings/office.asc
sed -i '/^#/d; s,keyrings/docker,keyrings/office,; 1i # by the office' docker.sources
rm /etc/apt/keyrings/docker.asc; dpkg -r docker-buildx-plugin; sha256sum docker.sources
""",
    "rpm": """
cd /etc/yum.repos.d; cp /etc/pki/rpm-gpg/RPM-GPG-KEY-docker-ce /etc/pki/rpm-gpg/office
sed -i '/^#/d; s,RPM-GPG-KEY-docker-ce,office,; 1i # by the office' docker-ce.repo
rm /etc/pki/rpm-gpg/RPM-GPG-KEY-docker-ce; rpm -e docker-buildx-plugin; sha256sum docker-ce.repo
""",
}
SITES: dict[str, Any] = {
    "docker_engine_repo_urls": [
        "https://download.docker.com",
        "https://mirrors.aliyun.com/docker-ce",
    ]
}


def test_a_private_mirror_stays_where_nobody_has_declared_another(oldest: Lab) -> None:
    """Missing packages come from it: the default sites cannot be reached here."""
    left = {}
    for host in oldest.hosts:
        kind = "rpm" if host == "centos9" else "deb"
        left[host] = oldest.on(host, MIRROR[kind]).splitlines()[-1].split()[0]
    told = site(oldest, version(oldest, 1).split(".")[0], **SITES)
    for host in oldest.hosts:
        assert "docker-buildx-plugin" in packages(oldest, host)
        path = "/etc/yum.repos.d/docker-ce.repo"
        if host != "centos9":
            path = "/etc/apt/sources.list.d/docker.sources"
        assert oldest.on(host, f"sha256sum {path}").split()[0] == left[host]
    assert "was passed over" not in told
    key = "cp /etc/apt/keyrings/office.asc /etc/apt/keyrings/docker.asc"
    rpm_key = "cp /etc/pki/rpm-gpg/office /etc/pki/rpm-gpg/RPM-GPG-KEY-docker-ce"
    oldest.everywhere({host: rpm_key if host == "centos9" else key for host in oldest.hosts})


# A system of its own with another first process, for as long as a module runs.
APART = """\
#!/bin/sh
exec unshare --mount --pid --fork --mount-proc sh -c '
mount -t tmpfs none /run; /usr/bin/python3 "$@"; exit $?' python3 "$@"
"""


def test_without_systemd_a_host_is_refused_before_a_package_changes(oldest: Lab) -> None:
    oldest.each(f"echo {shlex.quote(APART)} > /root/apart; chmod 755 /root/apart")
    before = {host: packages(oldest, host) for host in oldest.hosts}
    apart = declared(
        docker_engine_version=version(oldest, 2), ansible_python_interpreter="/root/apart"
    )
    for mode in ([], ["--check"]):
        ran = oldest.playbook("site.yml", *TAGS, "-e", json.dumps(apart), *mode)
        assert ran.returncode == 2, ran.stdout + ran.stderr
        assert "the first process of this host is not systemd (it is sh)" in ran.stdout
    assert {host: packages(oldest, host) for host in oldest.hosts} == before


def test_the_test_channel_is_a_repository_of_its_own(oldest: Lab) -> None:
    consent = declared(
        docker_engine_channel="test",
        docker_engine_upgrade=True,
        docker_activation_allow_container_stop=True,
    )
    ran = oldest.playbook("site.yml", *TAGS, "-e", json.dumps(consent))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for host in oldest.hosts:
        assert daemon_says(oldest, host).startswith(version(oldest, 2))
        if host == "centos9":
            assert "@docker-ce-test" in oldest.on(host, "dnf -q list --installed docker-ce")
        else:
            policy = oldest.on(host, "apt-cache policy docker-ce")
            assert "/test " in policy
            assert "/stable " not in policy
