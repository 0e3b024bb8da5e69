"""The package scripts: what installation, upgrade and removal do to units and to the group.

They do what debhelper's and systemd's own snippets do in Docker's packages. A deb starts its units
on installation and restarts them on upgrade, unless policy-rc.d forbids it; an rpm starts nothing,
and restarts running units on upgrade.
"""

from collections.abc import Sequence

_ADD_GROUP = """\
if ! getent group {group} >/dev/null; then
    groupadd --system {group}
fi
"""

_DEB_CONFIGURED = """\
if [ "$1" = configure ] || [ "$1" = abort-upgrade ] || [ "$1" = abort-deconfigure ] \\
    || [ "$1" = abort-remove ]; then
{body}fi
"""

# "was-enabled" is true for a new unit, so a first installation enables it.
_DEB_ENABLE = """\
    if deb-systemd-helper --quiet was-enabled '{unit}'; then
        deb-systemd-helper enable '{unit}' >/dev/null || true
    else
        deb-systemd-helper update-state '{unit}' >/dev/null || true
    fi
"""

# $2 is the version configured before, empty on a first installation.
_DEB_START = """\
    if [ -d /run/systemd/system ]; then
        systemctl --system daemon-reload >/dev/null || true
        action=start
        if [ -n "$2" ]; then
            action=restart
        fi
        deb-systemd-invoke $action {units} >/dev/null || true
    fi
"""

_DEB_PRERM = """\
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
    deb-systemd-invoke stop {units} >/dev/null || true
fi
"""

_DEB_POSTRM = """\
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
    systemctl --system daemon-reload >/dev/null || true
fi
if [ "$1" = purge ] && [ -x /usr/bin/deb-systemd-helper ]; then
    deb-systemd-helper purge {units} >/dev/null || true
fi
"""

# $1 counts the versions that stay: 1 is a first installation. On EL systemd's own file triggers
# reload it; the stand-in has no package of systemd, so the scripts do that themselves.
_RPM_POST = """\
if [ "$1" -eq 1 ]; then
    systemctl --no-reload preset {unit} >/dev/null 2>&1 || :
fi
systemctl daemon-reload >/dev/null 2>&1 || :
"""

_RPM_PREUN = """\
if [ "$1" -eq 0 ]; then
    systemctl --no-reload disable --now {units} >/dev/null 2>&1 || :
fi
"""

_RPM_POSTUN = """\
systemctl daemon-reload >/dev/null 2>&1 || :
if [ "$1" -ge 1 ]; then
    systemctl try-restart {unit} >/dev/null 2>&1 || :
fi
"""


def deb_scripts(services: Sequence[str], group: str) -> dict[str, str]:
    """Give the text of each maintainer script; none for a package without units."""
    if not services:
        return {}
    units = " ".join(f"'{service}'" for service in services)
    configured = "".join(_DEB_ENABLE.format(unit=service) for service in services)
    configured += _DEB_START.format(units=units)
    add_group = _ADD_GROUP.format(group=group) if group else ""
    return {
        "postinst": "#!/bin/sh\nset -e\n" + add_group + _DEB_CONFIGURED.format(body=configured),
        "prerm": _DEB_PRERM.format(units=units),
        "postrm": _DEB_POSTRM.format(units=units),
    }


def rpm_scripts(services: Sequence[str], group: str) -> dict[str, str]:
    """Give the text of each scriptlet; none for a package without units."""
    if not services:
        return {}
    scripts = {
        "post": _RPM_POST.format(unit=services[0]),
        "preun": _RPM_PREUN.format(units=" ".join(services)),
        "postun": _RPM_POSTUN.format(unit=services[0]),
    }
    if group:
        # Before the files, since docker.socket names the group.
        scripts["pre"] = _ADD_GROUP.format(group=group)
    return scripts
