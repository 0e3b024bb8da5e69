"""What can be declared of the kernel, and what has no meaning."""

from typing import Any

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.words.arguments import defaults_of
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.error import (
    DeclarationError,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.kernel import (
    KernelDeclaration,
    declare_kernel,
)

DEFAULTS = defaults_of("docker_kernel")
FORWARD, SECOND = "net.ipv4.ip_forward", "net.ipv4.conf.all.forwarding"


def kernel(**given: Any) -> KernelDeclaration:
    return declare_kernel({**DEFAULTS, **given})


@pytest.mark.parametrize("name", [FORWARD, SECOND, "net/ipv4/conf/all/forwarding"])
def test_forwarding_is_one_sysctl_by_whatever_name(name: str) -> None:
    assert kernel(sysctl={name: True}).sysctl == {FORWARD: "1"}
    assert kernel(ip_forward=False, sysctl={name: 0}).sysctl == {FORWARD: "0"}


@pytest.mark.parametrize(
    ("name", "spoken"), [(FORWARD, FORWARD), (SECOND, f"{SECOND}, which is {FORWARD},")]
)
def test_forwarding_that_is_declared_twice_and_differs_is_named(name: str, spoken: str) -> None:
    with pytest.raises(DeclarationError) as raised:
        kernel(sysctl={name: 0})
    assert str(raised.value) == (
        f"docker_kernel_sysctl sets {spoken} to 0, and docker_kernel_ip_forward sets the same to "
        "1. Take that out, or set docker_kernel_ip_forward to false."
    )


def test_one_sysctl_by_two_names_with_two_values_is_named() -> None:
    with pytest.raises(DeclarationError) as raised:
        kernel(sysctl={"net.core.somaxconn": 1, "net/core/somaxconn": 2})
    assert str(raised.value) == (
        "docker_kernel_sysctl sets net/core/somaxconn, which is net.core.somaxconn, to 2, and "
        "net.core.somaxconn sets the same to 1. Take one of the two out."
    )
