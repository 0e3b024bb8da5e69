"""dockwright_hosts, however it is written: the hosts that it names, or a sentence."""

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.dockwright.host.plugins.filter.reached import hosts_named

GROUPS = {
    "all": ["web1", "web2", "db1", "2001:db8::1"],
    "web": ["web1", "web2"],
    "db": ["db1"],
    "ungrouped": [],
}


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        (None, ["all"]),
        ("all", ["all"]),
        ("*", ["*"]),
        ("web1", ["web1"]),
        ("web1,web2", ["web1,web2"]),
        (" web1 , web2 ", ["web1 , web2"]),
        ("web1 web2", ["web1 web2"]),
        ("web:!web2", ["web:!web2"]),
        ("web:&db", ["web:&db"]),
        ("!db", ["!db"]),
        ("web*,~db[0-9]+", ["web*,~db[0-9]+"]),
        ("web[0]", ["web[0]"]),
        ("web[0:1]", ["web[0:1]"]),
        ("web[-1]", ["web[-1]"]),
        ("web[12]", ["web[12]"]),
        ("2001:db8::1", ["2001:db8::1"]),
        ("ungrouped", ["ungrouped"]),
        ("localhost", ["localhost"]),
        (["web", "!web2"], ["web", "!web2"]),
        (("web1",), ["web1"]),
        ('["web1", "web2"]', ["web1", "web2"]),
        ("[web1, db]", ["web1", "db"]),
    ],
)
def test_what_names_hosts_is_taken(said: Any, taken: list[str]) -> None:
    assert hosts_named(said, GROUPS) == taken


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("", "empty"),
        ([], "empty"),
        (",", ","),
        (5, "5"),
        (True, "True"),
        ({"web": 1}, "{'web': 1}"),
        (["web1", None], "['web1', None]"),
        ([["web1"], "db"], "[['web1'], 'db']"),
        ("[web1", "[web1"),
        ("[]", "[]"),
    ],
)
def test_what_names_no_hosts_is_refused(said: Any, shown: str) -> None:
    with pytest.raises(AnsibleFilterError) as told:
        hosts_named(said, GROUPS)
    assert str(told.value).startswith(f"dockwright_hosts is {shown}. It wants hosts or groups")


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("wbe1", "wbe1"),
        ("web1,web9", "web9"),
        (["all", "!web9"], "web9"),
        ("web:&prod", "prod"),
        ("app*", "app*"),
        ("~app(", "~app("),
        ("WEB", "WEB"),
        ("@retry", "@retry"),
        ("web7 web8", "web7, web8"),
    ],
)
def test_a_name_that_the_inventory_does_not_have_is_told(said: Any, names: str) -> None:
    with pytest.raises(AnsibleFilterError) as told:
        hosts_named(said, GROUPS)
    assert str(told.value) == (
        f"dockwright_hosts names {names}, and the inventory has no such host or group. Correct it."
    )
