"""The lines of versionlock: ours replace others only for the same packages."""

from ansible_collections.dockwright.host.plugins.module_utils.planners.engine.holds import (
    render_locks,
    render_plugin_enabled,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    PackageObserved,
)

PACKAGES = {
    "docker-ce": PackageObserved("3:28.5.2-1.el9"),
    "docker-ce-cli": PackageObserved("1:28.5.2-1.el9"),
    "docker-compose-plugin": PackageObserved(""),
}
OURS = "docker-ce-3:28.5.2-1.el9.*\ndocker-ce-cli-1:28.5.2-1.el9.*\n"


def test_locks_of_other_packages_stay() -> None:
    theirs = "# kernel\nkernel-0:5.14-1.el9.*\ndocker-ce-selinux-0:1-1.*\n"
    assert render_locks(theirs, PACKAGES) == theirs + OURS


def test_other_locks_of_the_same_packages_go() -> None:
    others = (
        "docker-ce-3:26.1.5-1.el9.*",
        "!docker-ce-cli-1:29.0-1.*",
        "docker-compose-plugin-0:2-1",
    )
    assert render_locks("\n".join(others), PACKAGES) == OURS


def test_locks_are_rendered_the_same_again() -> None:
    assert render_locks(OURS, PACKAGES) == OURS


def test_the_plugin_is_turned_on_and_else_left_alone() -> None:
    off = "# ours\n[main]\nenabled = 0\nlocklist = /x\n"
    on = render_plugin_enabled(off)
    assert on == "# ours\n[main]\nenabled = 1\nlocklist = /x\n"
    assert render_plugin_enabled(on) == on
    assert render_plugin_enabled("") == "[main]\nenabled = 1\n"
