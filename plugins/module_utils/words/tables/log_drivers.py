# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The log drivers that are part of dockerd, and the options of each, by engine version.

The facts are moby's (daemon/logger, ValidateLogOpts and the New of each driver). A driver that is
not in this table is a plugin, which takes any option.
"""

from typing import Dict, NamedTuple

from .daemon_options import Version


class LogOption(NamedTuple):
    """One option: what kind of text it is, and which engines take it."""

    kind: str = "any"
    since: Version = ()
    until: Version = ()


class LogDriver(NamedTuple):
    """One driver; ``required`` options must be there once there is any option (checked at start).

    ``until`` is the first version without the driver. With ``any_option`` it takes options that it
    does not know. ``reads`` tells that it can read its own logs, so no copy of them is kept.
    """

    options: Dict[str, LogOption]
    required: str = ""
    until: Version = ()
    any_option: bool = False
    reads: bool = False


_ANY = LogOption()
_OF_LABELS = {
    "labels": _ANY,
    "labels-regex": LogOption("regex"),
    "env": _ANY,
    "env-regex": LogOption("regex"),
}
_ATTRIBUTES = dict(_OF_LABELS, tag=LogOption("tag"))

# The options that every driver takes (moby, daemon/logger/factory.go).
OF_EVERY_DRIVER = {"mode": LogOption("mode"), "max-buffer-size": LogOption("binary size")}
# Options for the copy of logs that a driver cannot read itself (moby,
# daemon/logger/loggerutils/cache).
OF_THE_COPY = {
    "cache-disabled": LogOption("bool"),
    "cache-max-size": LogOption("size"),
    "cache-max-file": LogOption("count"),
    "cache-compress": LogOption("bool"),
}

DEFAULT_DRIVER = "json-file"
# It accepts options and ignores them.
NONE = "none"

LOG_DRIVERS: Dict[str, LogDriver] = {
    "json-file": LogDriver(
        dict(
            _ATTRIBUTES,
            **{
                "max-size": LogOption("size above 0"),
                "max-file": LogOption("count from 1"),
                "compress": LogOption("bool"),
            },
        ),
        reads=True,
    ),
    "local": LogDriver(
        {
            "max-size": LogOption("size"),
            "max-file": LogOption("count"),
            "compress": LogOption("bool"),
        },
        reads=True,
    ),
    "journald": LogDriver(_ATTRIBUTES, reads=True),
    "syslog": LogDriver(
        dict(
            _ATTRIBUTES,
            **{
                "syslog-address": LogOption("syslog address"),
                "syslog-facility": LogOption("syslog facility"),
                "syslog-format": LogOption("syslog format"),
                "syslog-tls-ca-cert": _ANY,
                "syslog-tls-cert": _ANY,
                "syslog-tls-key": _ANY,
                "syslog-tls-skip-verify": _ANY,
            },
        )
    ),
    "gelf": LogDriver(
        dict(
            _ATTRIBUTES,
            **{
                "gelf-address": LogOption("gelf address"),
                "gelf-compression-type": LogOption("gelf compression"),
                "gelf-compression-level": LogOption("compression level"),
                "gelf-tcp-max-reconnect": LogOption("count"),
                "gelf-tcp-reconnect-delay": LogOption("count"),
            },
        ),
        required="gelf-address",
    ),
    "fluentd": LogDriver(
        dict(
            _ATTRIBUTES,
            **{
                "fluentd-address": LogOption("fluentd address"),
                "fluentd-async": LogOption("bool"),
                "fluentd-async-connect": LogOption("bool", until=(28,)),
                "fluentd-async-reconnect-interval": LogOption("reconnect time", since=(23,)),
                "fluentd-buffer-limit": LogOption("binary size"),
                "fluentd-max-retries": LogOption("count"),
                "fluentd-read-timeout": LogOption("time", since=(29,)),
                "fluentd-request-ack": LogOption("bool"),
                "fluentd-retry-wait": LogOption("time"),
                "fluentd-sub-second-precision": LogOption("bool"),
                "fluentd-write-timeout": LogOption("time", since=(28, 2)),
            },
        )
    ),
    "awslogs": LogDriver(
        {
            "awslogs-create-group": LogOption("bool"),
            "awslogs-create-stream": LogOption("bool", since=(29,)),
            "awslogs-credentials-endpoint": _ANY,
            "awslogs-datetime-format": _ANY,
            "awslogs-endpoint": _ANY,
            "awslogs-force-flush-interval-seconds": LogOption("count from 1"),
            "awslogs-format": LogOption("awslogs format", since=(23,)),
            "awslogs-group": _ANY,
            "awslogs-max-buffered-events": LogOption("count from 1"),
            "awslogs-multiline-pattern": _ANY,
            "awslogs-region": _ANY,
            "awslogs-stream": _ANY,
            "tag": LogOption("tag"),
        },
        required="awslogs-group",
    ),
    "gcplogs": LogDriver(
        dict(
            _OF_LABELS,
            **{
                "gcp-log-cmd": LogOption("bool"),
                "gcp-meta-id": _ANY,
                "gcp-meta-name": _ANY,
                "gcp-meta-zone": _ANY,
                "gcp-project": _ANY,
            },
        )
    ),
    "splunk": LogDriver(
        dict(
            _ATTRIBUTES,
            **{
                "splunk-caname": _ANY,
                "splunk-capath": _ANY,
                "splunk-format": LogOption("splunk format"),
                "splunk-gzip": LogOption("bool"),
                "splunk-gzip-level": LogOption("compression level"),
                "splunk-index": _ANY,
                "splunk-index-acknowledgment": LogOption("bool"),
                "splunk-insecureskipverify": LogOption("bool"),
                "splunk-source": _ANY,
                "splunk-sourcetype": _ANY,
                "splunk-token": _ANY,
                "splunk-url": LogOption("splunk address"),
                "splunk-verify-connection": LogOption("bool"),
            },
        )
    ),
    "logentries": LogDriver(_ATTRIBUTES, required="logentries-token", until=(25,), any_option=True),
    # Windows has this driver; Linux never had it.
    "etwlogs": LogDriver({}, until=(1,)),
}

# The properties of a container that a tag may name (moby, daemon/logger/loginfo.go).
TAG_FIELDS = frozenset(
    (
        "Command",
        "Config",
        "ContainerArgs",
        "ContainerCreated",
        "ContainerEntrypoint",
        "ContainerEnv",
        "ContainerID",
        "ContainerImageID",
        "ContainerImageName",
        "ContainerLabels",
        "ContainerName",
        "DaemonName",
        "ExtraAttributes",
        "FullID",
        "Hostname",
        "ID",
        "ImageFullID",
        "ImageID",
        "ImageName",
        "LogPath",
        "Name",
    )
)
