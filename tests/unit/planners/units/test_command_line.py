"""The difference of two command lines of dockerd is told in few words, without secrets."""

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.planners.units.command_line import (
    contrast,
)

DOCKERD = "/usr/bin/dockerd -H fd:// --containerd=/run/c.sock"


@pytest.mark.parametrize(
    ("here", "there", "told"),
    [
        (DOCKERD, DOCKERD, ""),
        ("/usr/bin/dockerd --containerd /run/c.sock --host=fd://", DOCKERD, ""),
        (f"{DOCKERD} --debug=true", f"{DOCKERD} -D", ""),
        (f"{DOCKERD} --log-level=warn", DOCKERD, "with --log-level=warn"),
        ("/usr/bin/dockerd --containerd=/run/c.sock", DOCKERD, "without -H fd://"),
        (
            f"{DOCKERD} -H tcp://0.0.0.0:2375 --debug=false",
            DOCKERD,
            "with -H tcp://0.0.0.0:2375 --debug=false",
        ),
        (f"{DOCKERD} $DOCKER_OPTS", DOCKERD, "with $DOCKER_OPTS"),
        (
            f"{DOCKERD} --log-opt splunk-token=geheim --https-proxy http://u:geheim@p:1",
            DOCKERD,
            "with --log-opt=(not shown) --https-proxy=(not shown)",
        ),
        (
            f"{DOCKERD} --dns a --dns b",
            f"{DOCKERD} --dns b --dns a",
            "with --dns=a --dns=b, without --dns=b --dns=a",
        ),
        (f"{DOCKERD} --dns a --dns b", f"{DOCKERD} --dns b", "with --dns=a"),
        (
            "/opt/dockerd -H fd://",
            "/usr/bin/dockerd -H fd://",
            "/opt/dockerd in the place of /usr/bin/dockerd",
        ),
        ("/opt/dockerd --debug", "", "with /opt/dockerd --debug"),
        ("", "/usr/bin/dockerd --debug", "without /usr/bin/dockerd --debug"),
    ],
)
def test_a_contrast(here: str, there: str, told: str) -> None:
    found = contrast(here.split(), there.split())
    assert found.told() == told
    assert bool(found) == bool(told)
