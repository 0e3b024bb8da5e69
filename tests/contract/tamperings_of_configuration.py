"""Tamperings with the daemon's configuration: daemon.json, docker.service's files, a commit's."""

import json

from tests.contract.tampering import Tampering

FILE = "/etc/docker/daemon.json"
STATE = "/var/lib/dockwright"
RECORD = f"{STATE}/applied.json"
DROP_IN = "/etc/systemd/system/docker.service.d/theirs.conf"
# Below /run, where a reboot removes it: somebody's experiment.
TRIED = "/run/systemd/system/docker.service.d/tried.conf"
COPY = "/etc/systemd/system/docker.service"
MIRRORS = '"registry-mirrors": ["https://mirror.invalid"],'
COMMAND_LINE = "/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock"
KEEP = f"cp -a {FILE} /root/kept; "
MEND = f"mv /root/kept {FILE}"
# systemd's limit of starts counts those of other rows too.
RESTART = "systemctl reset-failed docker.service; systemctl restart docker.service"
# The next row's file must be newer than the daemon, whose start is known to within two seconds.
MENDED_BY_RESTART = f"{RESTART}; sleep 3"
STAGED = {
    "schema_version": 1,
    "files": {FILE: {"text": '{"debug": true}\n', "mode": 0o644}},
    "declared": {},
}


def drop_in(path: str, *lines: str) -> str:
    """Give the shell line that writes a drop-in of docker.service."""
    text = "\\n".join(["[Service]", *lines])
    return f"mkdir -p $(dirname {path}); printf '{text}\\n' > {path}"


def no_drop_in(path: str) -> str:
    """Give the shell line that removes it again."""
    return f"rm {path}; rmdir --ignore-fail-on-non-empty $(dirname {path})"


CONFIGURATION = (
    Tampering(
        "a key of ours is another in daemon.json",
        KEEP + f"sed -i 's/50m/51m/' {FILE}",
        MEND,
        (("daemon_json", "/log-opts/max-size"),),
    ),
    Tampering(
        "a key of ours is no longer in daemon.json",
        KEEP + f"sed -i '/live-restore/d' {FILE}",
        MEND,
        (("daemon_json", "/live-restore"),),
    ),
    Tampering(
        "daemon.json is for anybody to write",
        f"chmod 666 {FILE}",
        f"chmod 644 {FILE}",
        (("daemon_json", FILE),),
    ),
    Tampering(
        "daemon.json is gone",
        f"mv {FILE} /root/kept",
        MEND,
        (
            ("daemon_json", "/log-driver"),
            ("daemon_json", "/log-opts/max-size"),
            ("daemon_json", "/log-opts/max-file"),
            ("daemon_json", "/live-restore"),
            ("daemon_json", "/storage-driver"),
            ("daemon_json", "/data-root"),
        ),
    ),
    Tampering(
        "daemon.json is no JSON any more",
        KEEP + f"sed -i 's/,$//' {FILE}",
        MEND,
        (("daemon_json", FILE),),
        refused="is no configuration that can be read: line",
    ),
    Tampering(
        "somebody has added a key to daemon.json, which the daemon has not read",
        KEEP + f"""sed -i '1a \\  "max-download-attempts": 6,' {FILE}""",
        MEND,
        (("service.configuration", FILE),),
    ),
    Tampering(
        "somebody gives the daemon another command line",
        drop_in(DROP_IN, "ExecStart=", f"ExecStart={COMMAND_LINE} --log-level=warn")
        + "; systemctl daemon-reload",
        no_drop_in(DROP_IN) + "; systemctl daemon-reload",
        # Two things are true of it: it is not ours, and the running daemon does not use it.
        (("service.drop_in", DROP_IN), ("service.configuration", DROP_IN)),
        refused="gives docker.service another command line",
    ),
    Tampering(
        "somebody gives the daemon another environment, which it was not started with",
        drop_in(DROP_IN, "Environment=NO_PROXY=lab.test") + "; systemctl daemon-reload",
        no_drop_in(DROP_IN) + "; systemctl daemon-reload",
        (("service.configuration", DROP_IN),),
    ),
    Tampering(
        "systemd has not read a drop-in",
        drop_in(DROP_IN, "Environment=NO_PROXY=lab.test"),
        no_drop_in(DROP_IN) + "; systemctl daemon-reload",
        (("service.configuration", DROP_IN), ("service.configuration", "docker.service")),
    ),
    Tampering(
        "the daemon runs with flags that somebody has tried out",
        drop_in(TRIED, "ExecStart=", f"ExecStart={COMMAND_LINE} --log-level=warn")
        + f"; systemctl daemon-reload; {RESTART}; {no_drop_in(TRIED)}; systemctl daemon-reload",
        MENDED_BY_RESTART,
        (("service.configuration", "docker.service"),),
    ),
    Tampering(
        "the daemon runs with a flag of which it tells",
        drop_in(TRIED, "ExecStart=", f"ExecStart={COMMAND_LINE} --debug")
        + f"; systemctl daemon-reload; {RESTART}; {no_drop_in(TRIED)}; systemctl daemon-reload",
        MENDED_BY_RESTART,
        # The daemon says that it debugs, and daemon.json does not say so.
        (("service.configuration", "docker.service"), ("service.configuration", FILE)),
    ),
    Tampering(
        "daemon.json was put back under a daemon that has read another",
        # More than the two seconds within which a start is known.
        KEEP + f"sed -i 's/50m/51m/' {FILE}; {RESTART}; sleep 3; {MEND}",
        MENDED_BY_RESTART,
        (("service.configuration", FILE),),
    ),
    Tampering(
        "somebody has added a mirror after a restart",
        f"{KEEP}{MENDED_BY_RESTART}; sed -i '1a {MIRRORS}' {FILE}",
        f"{MEND}; {MENDED_BY_RESTART}",
        # /info tells the mirrors; the rest of the file is what the restarted daemon has read.
        (("service.configuration", FILE),),
    ),
    Tampering(
        "somebody has copied the unit and added a flag",
        f"sed 's|^ExecStart=.*|& --log-level=warn|' /usr/lib/systemd/system/docker.service > {COPY}"
        "; systemctl daemon-reload",
        f"rm {COPY}; systemctl daemon-reload",
        (("service.drop_in", COPY), ("service.configuration", COPY)),
        refused="another command line than its package: with --log-level=warn.",
    ),
    Tampering(
        "a staged set was left behind",
        f"printf '%s' '{json.dumps(STAGED)}' > {STATE}/staged.json",
        f"rm {STATE}/staged.json",
        (("daemon.staged", FILE), ("activation.staged", FILE)),
    ),
    Tampering(
        "the record of what was applied is gone",
        f"mv {RECORD} /root/record",
        f"mv /root/record {RECORD}",
        (("record.applied", RECORD),),
        cause="unknown",
    ),
    Tampering(
        "the record of what was applied is cut in half",
        f"cp -a {RECORD} /root/record; truncate --size 500 {RECORD}",
        f"mv /root/record {RECORD}",
        (("record.applied", RECORD),),
        cause="unknown",
    ),
    Tampering(
        "the machine has lost its id",
        "cp -a /etc/machine-id /root/machine-id; : > /etc/machine-id",
        "cat /root/machine-id > /etc/machine-id",
        (("record.machine", "/etc/machine-id"),),
        cause="unknown",
    ),
    Tampering(
        "a newer version has written the record",
        f"""cp -a {RECORD} /root/record; sed -i 's/"schema_version": 1/"schema_version": 2/' """
        f"{RECORD}",
        f"mv /root/record {RECORD}",
        (("record.applied", RECORD),),
        refused="was written by a newer Dockwright: its schema_version is 2",
        cause="unknown",
    ),
    Tampering(
        "a commit was cut off",
        f"mkdir {STATE}/saved",
        f"rmdir {STATE}/saved",
        (("activation.commit", f"{STATE}/saved"),),
    ),
    Tampering(
        "the daemon's socket is masked by somebody",
        "systemctl mask -q docker.socket",
        # A mask takes the socket's open files away from systemd, and so from the daemon's next
        # start.
        "systemctl unmask -q docker.socket; systemctl reset-failed docker.service; "
        "systemctl restart docker.socket docker.service",
        (("service.masked", "docker.socket"),),
        refused="systemctl unmask docker.socket",
    ),
)
