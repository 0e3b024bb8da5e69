"""A pin is exact for the whole set, as the host's own package manager tells it."""

import json

from testinfra.host import Host


def test_the_oldest_engine_runs(host: Host) -> None:
    oldest = host.ansible.get_variables()["lab_engines"][0]
    with host.sudo():
        said = json.loads(host.check_output("docker version --format '{{json .}}'"))
    assert said["Server"]["Version"].startswith(oldest["version"])


def test_the_engines_packages_are_the_manifests(host: Host) -> None:
    family = "trixie" if host.file("/etc/debian_version").exists else "el9"
    if host.run("grep -q noble /etc/os-release").rc == 0:
        family = "noble"
    expected = host.ansible.get_variables()["lab_engines"][0]["packages"][family]
    for package in ("docker-ce", "docker-ce-cli"):
        if family == "el9":
            found = host.check_output(
                "rpm -q --qf '%%{EPOCHNUM}:%%{VERSION}-%%{RELEASE}' %s", package
            )
        else:
            found = host.check_output("dpkg-query -W -f='${Version}' %s", package)
        assert found == expected[package]
