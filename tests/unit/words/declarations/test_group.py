"""What can be declared of the docker group, and what has no meaning."""

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.words.arguments import defaults_of
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.error import (
    DeclarationError,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.group import (
    GroupDeclaration,
    declare_group,
)

DEFAULTS = defaults_of("docker_group")


def test_nothing_is_declared_by_default() -> None:
    assert declare_group(DEFAULTS) == GroupDeclaration()


@pytest.mark.parametrize("name", ["", "alice bob", "alice,bob", "a:b", "-alice", "+alice", "a\nb"])
def test_what_is_no_name_is_named(name: str) -> None:
    with pytest.raises(DeclarationError) as raised:
        declare_group({**DEFAULTS, "members": ["alice", name]})
    assert f"docker_group_members holds {name!r}, which is no user's name" in str(raised.value)


@pytest.mark.parametrize("name", ["alice-ci", "alice.ci", "Alice", "alice@example.test", "DOM\\al"])
def test_names_of_other_name_services_are_names(name: str) -> None:
    assert declare_group({**DEFAULTS, "members": [name]}).members == (name,)


def test_a_member_that_lists_were_joined_with_is_one_member() -> None:
    declared = declare_group({**DEFAULTS, "members": ["bob", "alice", "bob"]})
    assert declared.members == ("bob", "alice")


@pytest.mark.parametrize("gid", [-1, 2**32 - 1])
def test_a_gid_that_no_group_can_have_is_named(gid: int) -> None:
    with pytest.raises(DeclarationError, match=f"docker_group_gid is {gid}"):
        declare_group({**DEFAULTS, "gid": gid})
    assert declare_group({**DEFAULTS, "gid": 2**32 - 2}).gid == 2**32 - 2
