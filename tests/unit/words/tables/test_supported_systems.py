"""What a host calls itself, and its row in the supported systems."""

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.words.tables.supported_systems import (
    REFUSED_SYSTEMS,
    SUPPORTED_SYSTEMS,
    distribution_word,
    find_refused,
    find_supported,
)

# NAME in the distributions' os-release files.
NAMES = {
    "AlmaLinux": "AlmaLinux",
    "Alibaba Cloud Linux": "Alibaba",
    "Anolis OS": "Anolis",
    "CentOS Linux": "CentOS",
    "CentOS Stream": "CentOS",
    "Debian GNU/Linux": "Debian",
    "Red Hat Enterprise Linux": "RedHat",
    "Red Hat Enterprise Linux Server": "RedHat",
    "Rocky Linux": "Rocky",
    "Ubuntu": "Ubuntu",
    "": "",
}


@pytest.mark.parametrize(("name", "word"), NAMES.items())
def test_a_distribution_is_known_by_its_name(name: str, word: str) -> None:
    assert distribution_word(name) == word


def test_every_row_is_of_a_distribution_that_a_host_can_call_itself() -> None:
    rows = {row.distribution for row in (*SUPPORTED_SYSTEMS, *REFUSED_SYSTEMS)}
    assert rows == set(NAMES.values()) - {""}


def test_a_minor_version_is_of_its_release() -> None:
    assert find_supported("Rocky", "9.4") == find_supported("Rocky", "9")
    assert find_supported("Debian", "13.1") is not None
    assert find_supported("Ubuntu", "24.10") is None
    assert find_refused("CentOS", "7.9.2009") is not None
