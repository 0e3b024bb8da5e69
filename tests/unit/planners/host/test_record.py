"""Whose the parts of the record are, on a host with two of a kind."""

from ansible_collections.dockwright.host.plugins.module_utils.planners.host import record
from ansible_collections.dockwright.host.plugins.module_utils.planners.host.comparison import (
    attribute_causes,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.host.plan import plan_host
from ansible_collections.dockwright.host.plugins.module_utils.planners.storage.case import Case
from ansible_collections.dockwright.host.plugins.module_utils.planners.storage.record import (
    released_keys,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.units.drop_in import (
    plan_drop_in,
)
from ansible_collections.dockwright.host.plugins.module_utils.words import impacts, resources
from ansible_collections.dockwright.host.plugins.module_utils.words.arguments import defaults_of
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.activation import (
    ActivationDeclaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.drop_in import (
    declare_drop_in,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.host import (
    Declaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.storage import (
    declare_storage,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.difference import (
    Difference,
    Plan,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    Applied,
    FailedSet,
    Observation,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.tables.filesystems import (
    FILESYSTEMS,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.tables.supported_systems import (
    find_supported,
)

from tests.unit.planners.case_files import read_host_file
from tests.unit.planners.observed_host import observe

ROLES = ("docker_storage",)
ONE = {"file": "/data0/store/soft/myDocker.btrfs", "mount_point": "/data0/store/soft/docker"}
OTHER = {"file": "/srv/other.btrfs", "mount_point": "/srv/other", "size": "5G"}


def observed(digests: dict[str, str], file: str = "", mount_point: str = "") -> Observation:
    host = observe(read_host_file("debian13_bare_storage"))
    assert host.storage is not None
    storage = host.storage._replace(
        volume=host.storage.volume._replace(real_path=file),
        mount_point=host.storage.mount_point._replace(real_path=mount_point),
    )
    return host._replace(
        storage=storage, applied=Applied(digests=digests, trusted=True, salt="salt")
    )


def plan(given: dict[str, str], digests: dict[str, str], **more: str) -> Plan:
    storage = declare_storage(dict(defaults_of("docker_storage"), **{**given, **more}))
    declared = Declaration(storage=storage)
    found = plan_host(declared, observed(digests, storage.file, storage.mount_point), ROLES)
    assert not found.refused, found.refused
    return found


def recorded(*plans: Plan) -> dict[str, str]:
    digests: dict[str, str] = {}
    for each in plans:
        digests = record.after(digests, each)
    return digests


def of(digests: dict[str, str], given: dict[str, str]) -> dict[str, str]:
    """Give the keys that name this filesystem's file or mount point."""
    names = (given["file"], given["mount_point"])
    return {key: each for key, each in digests.items() if key.endswith(names)}


def test_a_filesystem_keeps_its_keys_when_another_is_recorded() -> None:
    alone = of(recorded(plan(ONE, {})), ONE)
    assert alone
    assert of(recorded(plan(ONE, {}), plan(OTHER, {})), ONE) == alone
    assert of(recorded(plan(OTHER, {}), plan(ONE, {}), plan(OTHER, {})), ONE) == alone


def test_the_cause_of_a_difference_is_its_own_filesystems() -> None:
    digests = recorded(plan(ONE, {}), plan(OTHER, {}))
    smaller = Difference(
        resource=resources.STORAGE_CAPACITY,
        role="docker_storage",
        path="/dev/loop7",
        expected="",
        actual="",
        impact=impacts.NONE,
        sentence="",
    )
    declared = plan(ONE, {})._replace(differences=(smaller,))
    (found,) = attribute_causes(declared, Applied(digests=digests, trusted=True)).differences
    assert found.cause == "drift"
    declared = plan(ONE, {}, size="20G")._replace(differences=(smaller,))
    (found,) = attribute_causes(declared, Applied(digests=digests, trusted=True)).differences
    assert found.cause == "pending"


def test_a_filesystem_that_goes_takes_its_own_keys_and_no_others() -> None:
    digests = recorded(plan(ONE, {}), plan(OTHER, {}))
    left = record.after(digests, plan(OTHER, digests, state="absent", allow_data_removal="true"))
    assert of(left, ONE) == of(digests, ONE)
    assert "storage.file /srv/other.btrfs" not in left
    assert "storage.mount /srv/other" not in left


def test_a_filesystem_with_another_file_or_place_is_known_by_the_first_no_longer() -> None:
    digests = recorded(plan(ONE, {}), plan(OTHER, {}))
    for part, key in (
        ({"file": "/srv/third.btrfs"}, "storage.file /srv/other.btrfs"),
        ({"mount_point": "/srv/elsewhere"}, "storage.mount /srv/other"),
    ):
        storage = declare_storage(dict(defaults_of("docker_storage"), **{**OTHER, **part}))
        host, system = observed(digests), find_supported("Debian", "13")
        assert host.storage is not None
        assert system is not None
        found = Case(
            declaration=storage,
            system=system,
            observed=host,
            seen=host.storage,
            filesystem=FILESYSTEMS["btrfs"],
        )
        released = released_keys(found, ())
        assert key in released
        assert not set(released) & set(of(digests, ONE))


def test_drop_ins_of_one_name_for_two_units_are_two() -> None:
    plans = []
    for unit in ("docker.service", "docker.socket"):
        given = {
            "unit": unit,
            "name": "limits",
            "sections": {"Unit": {"Description": unit}},
            "environment": {},
            "credentials": {"A_TOKEN": "of " + unit} if unit == "docker.service" else {},
        }
        wanted = declare_drop_in(given)
        plans.append(plan_drop_in(wanted, ActivationDeclaration(), observed({})))
    digests = recorded(*plans)
    for each in plans:
        for declared in each.declared:
            assert digests[declared.key] == declared.digest, declared.key


def test_what_a_daemon_serves_with_is_known_again_where_all_agrees() -> None:
    host = observe(read_host_file("debian13_daemon"))
    whole = host.applied.activation
    lost = host._replace(applied=Applied(digests={}, trusted=False, salt="salt", lost="it is gone"))
    assert whole is not None
    assert record.serving_record(host) is None
    found = record.serving_record(lost)
    assert found is not None
    assert (found.invocation, found.keys) == (whole.invocation, whole.keys)
    unsure = (
        lost._replace(run_at_work="docker_engine, process 7"),
        lost._replace(commit_cut_off=True),
        lost._replace(daemon=None),
        lost._replace(applied=lost.applied._replace(failed=FailedSet("f"))),
    )
    assert [record.serving_record(each) for each in unsure] == [None] * len(unsure)
