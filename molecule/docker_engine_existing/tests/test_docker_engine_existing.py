"""There is one entry and one engine, and nothing that was there before is lost."""

import pytest
from testinfra.host import Host


@pytest.fixture
def is_deb(host: Host) -> bool:
    """Whether the host has apt."""
    return bool(host.exists("dpkg-query"))


def test_one_file_alone_names_dockers_packages(host: Host, is_deb: bool) -> None:
    folders = "/etc/apt/sources.list*" if is_deb else "/etc/yum.repos.d"
    # Not quoted, so that the shell finds both the file and the folder.
    found = host.run(f"grep -rlE '/linux/(debian|ubuntu|centos)' {folders}").stdout.split()
    expected = (
        "/etc/apt/sources.list.d/docker.sources" if is_deb else "/etc/yum.repos.d/docker-ce.repo"
    )
    assert found == [expected]


def test_somebody_elses_entry_stays(host: Host, is_deb: bool) -> None:
    if is_deb:
        mixed = host.file("/etc/apt/sources.list.d/mixed.list")
        assert mixed.content_string == "# kept\ndeb [trusted=yes] file:/srv/theirs ./\n"
    else:
        mixed = host.file("/etc/yum.repos.d/mixed.repo")
        assert mixed.content_string == (
            "[theirs]\nname=Theirs\nbaseurl=file:///srv/theirs\nenabled=0\n\n"
        )


def test_the_package_manager_has_no_quarrel(host: Host, is_deb: bool) -> None:
    ran = host.run("apt-get update --error-on=any" if is_deb else "dnf -q repolist")
    assert ran.rc == 0, ran.stderr
    assert "more than once" not in ran.stderr
    assert "Conflicting" not in ran.stderr


def test_old_packages_are_gone(host: Host, is_deb: bool) -> None:
    if is_deb:
        old = ("docker.io", "docker-cli", "docker-doc", "containerd", "runc")
        listed = host.run("dpkg-query -W -f='${Package} ${db:Status-Status}\\n' " + " ".join(old))
        assert " installed" not in listed.stdout
    else:
        assert host.run("rpm -q docker docker-client docker-common").rc == 3


def test_podman_which_disturbs_nothing_stays(host: Host, is_deb: bool) -> None:
    if is_deb:
        assert host.run("podman --version").rc == 0


def test_images_containers_and_volumes_are_what_they_were(host: Host, is_deb: bool) -> None:
    if not is_deb:
        assert host.run("docker ps -a").rc == 0
        return
    registry = host.ansible.get_variables()["lab_registry"]
    image = host.check_output(
        "docker image inspect --format '{{.Id}}' %s", f"{registry}/library/busybox"
    )
    assert image == host.file("/root/image").content_string.strip()
    assert host.check_output("docker cp kept:/layer - | tar -xO") == "precious"
    mounted = ("docker", "run", "--rm", "--volume", "kept:/data", f"{registry}/library/busybox")
    assert host.check_output(" ".join(mounted) + " cat /data/file") == "precious"
