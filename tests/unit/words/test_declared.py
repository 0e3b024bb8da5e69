"""How the record names what is declared: hosts have these keys and digests on record."""

from ansible_collections.dockwright.host.plugins.module_utils.words import resources
from ansible_collections.dockwright.host.plugins.module_utils.words.declared import (
    Declared,
    declare_anywhere,
    declare_at,
    declare_by_digest,
)

ENABLED = "6898e2e0a36c240c1b1faaba817ebac1ed8ba463a51b945b9808ebbf126fffac"


def key_and_digest(declared: Declared) -> tuple[str, str]:
    assert declared.role == "a_role"
    return declared.key, declared.digest


def test_what_is_declared_at_a_path_has_a_key_of_it() -> None:
    given = declare_at(
        resource=resources.SERVICE_ENABLED, role="a_role", path="docker.service", wanted="enabled"
    )
    assert key_and_digest(given) == ("service.enabled docker.service", ENABLED)
    assert not given.is_anywhere


def test_what_is_declared_anywhere_has_a_key_of_no_path() -> None:
    given = declare_anywhere(resource=resources.SERVICE_ENABLED, role="a_role", wanted="enabled")
    assert key_and_digest(given) == ("service.enabled *", ENABLED)
    assert given.is_anywhere


def test_what_one_of_several_declares_anywhere_has_a_key_of_its_own() -> None:
    given = declare_anywhere(
        resource=resources.STORAGE_ENABLED, role="a_role", wanted="enabled", of="/srv"
    )
    assert key_and_digest(given) == ("storage.enabled * /srv", ENABLED)
    assert given.is_anywhere


def test_a_digest_that_is_made_already_stays() -> None:
    given = declare_by_digest(
        resource=resources.DAEMON_JSON, role="a_role", path="/debug", digest="of a secret"
    )
    assert key_and_digest(given) == ("daemon_json /debug", "of a secret")
