"""A host that site.yml has made runs containers from images of a registry."""

from testinfra.host import Host


def test_a_container_says_hello(host: Host) -> None:
    registry = host.ansible.get_variables()["lab_registry"]
    with host.sudo():
        ran = host.run("docker run --rm %s/library/busybox echo hi", registry)
    assert ran.rc == 0, ran.stderr
    assert ran.stdout.strip() == "hi"


def test_buildx_and_compose_are_plugins_of_the_client(host: Host) -> None:
    assert "buildx" in host.check_output("docker buildx version")
    assert "Compose" in host.check_output("docker compose version")
