"""The lab's proxies: an open and a locked tinyproxy, and a locked microsocks.

Name and password are hard on purpose to pass through an address, a unit, a file of variables and a
playbook. SECRET is a part of all their spellings, so that it can be searched for.
"""

from urllib.parse import quote

NAMES = ("proxy.lab.test", "socks.lab.test")
SECRET = "Geheimnis7"  # noqa: S105 - of a proxy that lives as long as the lab
CREDENTIALS = {"NAME": "lab%user", "PASSWORD": f"q\"u\\o't$e%d-{SECRET}"}
# A quote and a dollar sign may stand in an address as they are.
_USER = "{}:{}".format(*(quote(each, safe="'$") for each in CREDENTIALS.values()))
ADDRESSES = {
    "open": "http://proxy.lab.test:3128",
    "locked": f"http://{_USER}@proxy.lab.test:3129",
    "socks": f"socks5://{_USER}@socks.lab.test:1080",
}
