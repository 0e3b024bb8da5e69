"""Break one thing on a real host: the plan names that resource, and what follows from it, alone.

Each row is undone by its inverse. That it was, the plan of the next row says, which would name what
is left over as well; a plan of its own would take as long as the row. Every role adds its rows.
"""

import json
from pathlib import Path

import pytest

from tests.contract.tampering import Tampering
from tests.contract.tamperings_of_configuration import CONFIGURATION
from tests.contract.tamperings_of_group import GROUP, GROUP_ROWS
from tests.contract.tamperings_of_kernel import KERNEL_ROWS
from tests.contract.tamperings_of_proxy import PROXY, PROXY_ROWS
from tests.contract.tamperings_of_storage import STORAGE, STORAGE_ROWS
from tests.lab import Lab

DEB_REPOSITORY = "/etc/apt/sources.list.d/docker.sources"
RPM_REPOSITORY = "/etc/yum.repos.d/docker-ce.repo"
DEB_KEY = "/etc/apt/keyrings/docker.asc"
RPM_KEY = "/etc/pki/rpm-gpg/RPM-GPG-KEY-docker-ce"

# What play 1 of site.yml is told on top of the inventory.
VARIABLES = {**STORAGE, **GROUP, **PROXY}
DECLARED = ("--extra-vars", json.dumps(VARIABLES))
KEEP_REPOSITORY = "cp -a {repository} /root/kept; "
KEEP_KEY = "cp -a {key} /root/kept; "
# systemd's limit of starts counts those of the other rows as well.
FORGET_STARTS = "systemctl reset-failed docker.service"
REPOSITORY = ("engine.repository_file", "{repository}")
KEY = ("engine.repository_key", "{key}")

TABLE = (
    # First: what a daemon has read is known of one that site.yml started, not of one restarted
    # by hand before the file was edited.
    *CONFIGURATION,
    *PROXY_ROWS,
    *STORAGE_ROWS,
    *GROUP_ROWS,
    *KERNEL_ROWS,
    Tampering(
        "repository names another site",
        KEEP_REPOSITORY + "sed -i 's,//packages,//elsewhere,' {repository}",
        "mv /root/kept {repository}",
        (REPOSITORY,),
    ),
    Tampering(
        "repository is believed without signature",
        KEEP_REPOSITORY + "sed -i 's/gpgcheck=1/gpgcheck=0/; $a Trusted: yes' {repository}",
        "mv /root/kept {repository}",
        (REPOSITORY,),
    ),
    Tampering(
        "repository file is for anybody to write",
        "chmod 666 {repository}",
        "chmod 644 {repository}",
        (REPOSITORY,),
    ),
    Tampering(
        "repository file is gone",
        "mv {repository} /root/kept",
        "mv /root/kept {repository}",
        (REPOSITORY,),
    ),
    Tampering(
        "key is another",
        KEEP_KEY + "{fetch} {wrong_key} > {key}",
        "mv /root/kept {key}",
        (KEY,),
    ),
    Tampering(
        "key has company",
        KEEP_KEY + "{fetch} {wrong_key} >> {key}",
        "mv /root/kept {key}",
        (KEY,),
    ),
    Tampering(
        "a package is gone",
        "{remove} docker-compose-plugin",
        "{install} docker-compose-plugin; {hold_again}",
        (("engine.package", "docker-compose-plugin"),),
    ),
    Tampering(
        "the client has another version than the daemon",
        "{change} {older_client}",
        "{change} {client}; {hold_client}",
        (("engine.package", "docker-ce-cli"),),
    ),
    Tampering(
        "a hold was lifted",
        "{unhold}",
        "{hold}",
        (("engine.hold", "docker-ce"),),
    ),
    Tampering(
        "the plugin that holds is off",
        "sed -i 's/^enabled.*/enabled = 0/' /etc/dnf/plugins/versionlock.conf",
        "sed -i 's/^enabled.*/enabled = 1/' /etc/dnf/plugins/versionlock.conf",
        (("engine.hold", "/etc/dnf/plugins/versionlock.conf"),),
        rpm_only=True,
    ),
    Tampering(
        "the plugin that holds is gone",
        "rpm -e python3-dnf-plugin-versionlock",
        "dnf -y -q install python3-dnf-plugin-versionlock; "
        "mv /etc/dnf/plugins/versionlock.list.rpmsave /etc/dnf/plugins/versionlock.list",
        # Its list goes with it, and so every hold.
        (
            ("engine.prerequisite", "python3-dnf-plugin-versionlock"),
            ("engine.hold", "docker-ce"),
            ("engine.hold", "docker-ce-cli"),
            ("engine.hold", "containerd.io"),
            ("engine.hold", "docker-buildx-plugin"),
            ("engine.hold", "docker-compose-plugin"),
            ("engine.hold", "docker-ce-rootless-extras"),
        ),
        rpm_only=True,
    ),
    Tampering(
        "somebody has added the repository again",
        "echo '{entry}' | tr ';' '\\n' > {entry_file}",
        "rm {entry_file}",
        (("engine.repository_entry", "{entry_file}"),),
    ),
    Tampering(
        "an old package came back",
        "{update}{install} {old}",
        "{remove} {old}",
        (("engine.old_package", "{old}"),),
    ),
    Tampering(
        "a foreign repository is preferred",
        "{prefer}",
        "{prefer_no_more}",
        (("engine.repository_priority", "{foreign}"),),
        refused="which the package manager prefers to the listed sites",
    ),
    Tampering(
        "daemon is stopped",
        "systemctl stop docker.socket docker.service",
        f"{FORGET_STARTS}; systemctl start docker.service",
        (("service.running", "docker.service"),),
    ),
    Tampering(
        "daemon does not start with the host",
        "systemctl disable -q docker.service",
        "systemctl enable -q docker.service",
        (("service.enabled", "docker.service"),),
    ),
    Tampering(
        "containerd is stopped",
        "systemctl stop containerd.service",
        f"{FORGET_STARTS}; systemctl start containerd.service; systemctl restart docker.service",
        (("service.running", "containerd.service"),),
    ),
    Tampering(
        "daemon is masked by somebody",
        "systemctl mask -q docker.service",
        "systemctl unmask -q docker.service",
        (("service.masked", "docker.service"),),
        refused="systemctl unmask docker.service",
    ),
    Tampering(
        "an old daemon runs under a new file",
        "cp -a /usr/bin/dockerd /usr/bin/dockerd.new; mv /usr/bin/dockerd.new /usr/bin/dockerd",
        f"{FORGET_STARTS}; systemctl restart docker.service",
        (("service.binary", "docker.service"),),
    ),
    Tampering(
        "an old containerd runs under a new file",
        "cp -a /usr/bin/containerd /usr/bin/c.new; mv /usr/bin/c.new /usr/bin/containerd",
        f"{FORGET_STARTS}; systemctl restart containerd.service docker.service",
        (("service.binary", "containerd.service"),),
    ),
)


@pytest.fixture(scope="module")
def provisioned(lab: Lab) -> Lab:
    """Hosts that site.yml has made, from bare ones."""
    lab.reset()
    ran = lab.playbook("site.yml", *DECLARED)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return lab


def words(lab: Lab, host: str) -> dict[str, str]:
    """What the table's words stand for on a host."""
    rpm = host == "centos9"
    distribution = {"debian13": "debian", "ubuntu2404": "ubuntu", "centos9": "centos"}[host]
    read = "import sys,urllib.request as u;print(u.urlopen(sys.argv[1]).read().decode())"
    sites = lab.variables(host)["lab_sites"]
    older, newest = lab.variables(host)["lab_engines"][1:]
    family = {"debian": "trixie", "ubuntu": "noble", "centos": "el9"}[distribution]
    between = "-" if rpm else "="
    known = {
        "older_client": f"docker-ce-cli{between}{older['packages'][family]['docker-ce-cli']}",
        "client": f"docker-ce-cli{between}{newest['packages'][family]['docker-ce-cli']}",
        "wrong_key": f"{sites['wrong_key']}/linux/{distribution}/gpg",
        "fetch": f"python3 -c '{read}'",
    }
    own = rpm_words(sites) if rpm else deb_words(sites, distribution)
    return {**known, **own}


def deb_words(sites: dict[str, str], distribution: str) -> dict[str, str]:
    """The words of a host with apt."""
    suite = {"debian": "trixie", "ubuntu": "noble"}[distribution]
    return {
        "repository": DEB_REPOSITORY,
        "key": DEB_KEY,
        "update": "apt-get update -q; ",
        "remove": "dpkg -r",
        "install": "apt-get install -y -q --no-install-recommends",
        "change": "apt-get install -y -q --allow-downgrades --allow-change-held-packages",
        "hold_client": "apt-mark hold docker-ce-cli",
        "hold": "apt-mark hold docker-ce",
        "unhold": "apt-mark unhold docker-ce",
        "hold_again": "apt-mark hold docker-compose-plugin",
        "old": "docker-doc",
        "entry_file": "/etc/apt/sources.list.d/docker-ce.list",
        "entry": f"deb {sites['good']}/linux/{distribution} {suite} stable",
        "foreign": "file:/srv/foreign",
        "prefer": "mkdir /srv/foreign; printf 'Package: docker-ce\\nVersion: 99\\n"
        "Architecture: all\\nFilename: ./none.deb\\nSize: 1\\n' > /srv/foreign/Packages; "
        "echo 'deb [trusted=yes] file:/srv/foreign ./' > /etc/apt/sources.list.d/foreign.list; "
        "printf 'Package: *\\nPin: origin \"\"\\nPin-Priority: 900\\n' "
        "> /etc/apt/preferences.d/foreign",
        "prefer_no_more": "rm -r /srv/foreign /etc/apt/sources.list.d/foreign.list "
        "/etc/apt/preferences.d/foreign",
    }


def rpm_words(sites: dict[str, str]) -> dict[str, str]:
    """The words of a host with dnf."""
    locks = "/etc/dnf/plugins/versionlock.list"
    foreign = f"{sites['wrong_key']}/linux/centos/9/x86_64/stable"
    return {
        "repository": RPM_REPOSITORY,
        "key": RPM_KEY,
        "update": "",
        "remove": "rpm -e",
        "install": "dnf -y -q install",
        "change": "dnf -y -q --disableplugin=versionlock install",
        "hold_client": "true",
        "hold": f"mv /root/kept {locks}",
        "unhold": f"cp -a {locks} /root/kept; sed -i '/^docker-ce-3:/d' {locks}",
        "hold_again": "true",
        "old": "docker-common",
        "entry_file": "/etc/yum.repos.d/docker.repo",
        "entry": f"[docker];name=Docker;baseurl={sites['good']}/linux/centos/9/x86_64/stable",
        "foreign": "foreign",
        "prefer": f"printf '[foreign]\\nname=x\\nbaseurl={foreign}\\npriority=1\\ngpgcheck=0\\n' "
        "> /etc/yum.repos.d/foreign.repo",
        "prefer_no_more": "rm /etc/yum.repos.d/foreign.repo",
    }


def test_a_provisioned_host_is_as_declared(provisioned: Lab, tmp_path: Path) -> None:
    plans = provisioned.plan(tmp_path, VARIABLES)
    for host in provisioned.hosts:
        assert (plans[host]["verdict"], plans[host]["differences"]) == ("clean", [])
        assert plans[host]["changed"] is False


@pytest.mark.parametrize("tampering", TABLE, ids=lambda row: row.name.replace(" ", "_"))
def test_the_plan_names_what_was_broken(
    tampering: Tampering, provisioned: Lab, tmp_path: Path
) -> None:
    known = {
        host: words(provisioned, host)
        for host in provisioned.hosts
        if host == "centos9" or not tampering.rpm_only
    }
    if not known:
        pytest.skip("the lab runs without a host with rpm")
    provisioned.everywhere({host: fill(tampering.breaks, known[host]) for host in known})
    try:
        broken = provisioned.plan(tmp_path, VARIABLES)
    finally:
        provisioned.everywhere({host: fill(tampering.mends, known[host]) for host in known})
    for host in known:
        named = [(each["resource"], each["path"]) for each in broken[host]["differences"]]
        wanted = [(resource, fill(path, known[host])) for resource, path in tampering.named]
        assert named == wanted, host
        assert {each["cause"] for each in broken[host]["differences"]} == {"drift"}, host
        if tampering.refused:
            assert tampering.refused in broken[host]["msg"], host
        else:
            assert broken[host]["verdict"] == "drifted", host


def test_nothing_is_left_of_the_last_row(provisioned: Lab, tmp_path: Path) -> None:
    plans = provisioned.plan(tmp_path, VARIABLES)
    for host in provisioned.hosts:
        assert (plans[host]["verdict"], plans[host]["differences"]) == ("clean", []), host


def fill(text: str, known: dict[str, str]) -> str:
    """Put a host's own words in; other braces stay."""
    for word, meaning in known.items():
        text = text.replace("{" + word + "}", meaning)
    return text


MENDED_TOGETHER = (
    "the client has another version than the daemon",
    "a hold was lifted",
    "somebody has added the repository again",
    "repository is believed without signature",
    "key is another",
    "a package is gone",
    "daemon does not start with the host",
    "an old daemon runs under a new file",
    "a key of ours is another in daemon.json",
    "somebody has added a key to daemon.json, which the daemon has not read",
    "daemon.json is for anybody to write",
    "the proxy's drop-in says another",
    "the proxy's credentials are for anybody to read",
    "its file is for anybody to read",
    "holes were punched into its file",
    "direct I/O was switched off",
    "it was mounted with other options",
    "the mount unit does not come with the host",
    "fstab mounts the file as well",
    "Docker starts without its filesystem",
    "a member was taken out of the group",
    "the group has another GID",
    "the socket is for anybody to use",
    "the file of sysctls says something else",
    "packets are no longer forwarded",
    "the limits of semaphores were lowered",
    "the file of modules is gone",
)


def test_site_mends_what_was_broken_in_one_run(provisioned: Lab, tmp_path: Path) -> None:
    rows = {row.name: row for row in TABLE}
    # In this order: once the repository is broken, nothing can be installed to break more.
    for row in (rows[name] for name in MENDED_TOGETHER):
        provisioned.everywhere(
            {host: fill(row.breaks, words(provisioned, host)) for host in provisioned.hosts}
        )
    ran = provisioned.playbook("site.yml", *DECLARED)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    plans = provisioned.plan(tmp_path, VARIABLES)
    assert {host: plan["verdict"] for host, plan in plans.items()} == dict.fromkeys(
        provisioned.hosts, "clean"
    )


def test_a_second_run_is_play_one_alone(provisioned: Lab) -> None:
    ran = provisioned.playbook("site.yml", *DECLARED)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "skipping: no hosts matched" in ran.stdout
    assert ran.stdout.count("changed=0") == len(provisioned.hosts)
    assert "[WARNING]" not in ran.stdout + ran.stderr
