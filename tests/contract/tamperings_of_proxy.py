"""Tamperings with dockerd's proxy: its drop-in, its credentials, and what overrides both."""

from typing import Any

from tests.contract.tampering import Tampering
from tests.contract.tamperings_of_configuration import FILE as DAEMON_JSON
from tests.contract.tamperings_of_configuration import MENDED_BY_RESTART, drop_in, no_drop_in

FOLDER = "/etc/systemd/system/docker.service.d"
DROP_IN = f"{FOLDER}/http-proxy.conf"
CREDENTIALS = f"{FOLDER}/http-proxy-1.env"
# The declared credentials get another file name once somebody has changed that file.
NEW_CREDENTIALS = f"{FOLDER}/http-proxy-2.env"
LATER = f"{FOLDER}/zz-proxy.conf"
OF_EVERY_SERVICE = "/etc/systemd/system/service.d/zz-proxy.conf"
# Declared on the table's hosts: an address that anybody may see, and one that nobody may.
PROXY: dict[str, Any] = {
    "docker_proxy_http": "{{ lab_proxies.open }}",
    "docker_proxy_https": "{{ lab_proxies.locked }}",
}

# systemd has not loaded the unit again.
NOT_READ = ("service.configuration", "docker.service")
KEEP_DROP_IN = f"cp -a {DROP_IN} /root/kept; "
# What was put back is newer than the daemon, which may have read another text.
MEND_DROP_IN = f"mv /root/kept {DROP_IN}; systemctl daemon-reload; {MENDED_BY_RESTART}"
KEEP_CREDENTIALS = f"cp -a {CREDENTIALS} /root/kept; "
MEND_CREDENTIALS = f"mv /root/kept {CREDENTIALS}"
KEEP_DAEMON_JSON = f"cp -a {DAEMON_JSON} /root/kept; "
PROXIES = '"proxies": {"http-proxy": "http://192.0.2.1:3128"},'

PROXY_ROWS = (
    Tampering(
        "the proxy's drop-in says another",
        KEEP_DROP_IN + f"sed -i 's/3128/3999/' {DROP_IN}",
        MEND_DROP_IN,
        (("proxy.drop_in", DROP_IN), NOT_READ),
    ),
    Tampering(
        "the proxy's drop-in is gone",
        f"mv {DROP_IN} /root/kept",
        MEND_DROP_IN,
        (("proxy.drop_in", DROP_IN), NOT_READ),
    ),
    Tampering(
        "the proxy's credentials are others",
        KEEP_CREDENTIALS + f"sed -i 's/proxy.lab/other.lab/' {CREDENTIALS}",
        MEND_CREDENTIALS,
        (("proxy.credentials", NEW_CREDENTIALS), ("proxy.drop_in", DROP_IN)),
    ),
    Tampering(
        "the proxy's credentials are for anybody to read",
        f"chmod 644 {CREDENTIALS}",
        f"chmod 600 {CREDENTIALS}",
        (("proxy.credentials", CREDENTIALS),),
    ),
    Tampering(
        "the proxy's credentials are gone",
        f"mv {CREDENTIALS} /root/kept",
        MEND_CREDENTIALS,
        # The unit still has the old name; the new contents go to another name, which it then gets.
        (("proxy.credentials", NEW_CREDENTIALS), ("proxy.drop_in", DROP_IN)),
    ),
    Tampering(
        "somebody's drop-in has the last word on the proxy",
        drop_in(LATER, "Environment=HTTP_PROXY=http://192.0.2.1:3128"),
        no_drop_in(LATER),
        (("proxy.override", LATER), ("service.configuration", LATER), NOT_READ),
        refused=f"{LATER} beats what docker_proxy declares: it has the last word on HTTP_PROXY",
    ),
    Tampering(
        "a drop-in of every service has the last word on the proxy",
        drop_in(OF_EVERY_SERVICE, "Environment=HTTP_PROXY=http://192.0.2.1:3128"),
        no_drop_in(OF_EVERY_SERVICE),
        (
            ("proxy.override", OF_EVERY_SERVICE),
            ("service.configuration", OF_EVERY_SERVICE),
            NOT_READ,
        ),
        refused=f"{OF_EVERY_SERVICE} beats what docker_proxy declares",
    ),
    Tampering(
        "daemon.json has the last word on the proxy",
        KEEP_DAEMON_JSON + f"sed -i '1a {PROXIES}' {DAEMON_JSON}",
        f"mv /root/kept {DAEMON_JSON}; {MENDED_BY_RESTART}",
        (("proxy.override", DAEMON_JSON), ("service.configuration", DAEMON_JSON)),
        refused="it says proxies (http-proxy), which dockerd goes by",
    ),
    Tampering(
        "a file that nobody looks into has the last word on the proxy",
        "printf 'HTTP_PROXY=http://192.0.2.1:3128\\n' > /root/proxy.env; "
        + drop_in(LATER, "EnvironmentFile=/root/proxy.env")
        + f"; systemctl daemon-reload; {MENDED_BY_RESTART}",
        f"{no_drop_in(LATER)}; rm /root/proxy.env; systemctl daemon-reload; {MENDED_BY_RESTART}",
        # By the daemon's own word.
        (("proxy.override", "/root/proxy.env"),),
        refused="HTTP_PROXY is http://192.0.2.1:3128, where",
    ),
)
