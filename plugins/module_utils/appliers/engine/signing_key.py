# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Obtain the signing key, and accept the pinned one only."""

import http.client
import time
import urllib.error
import urllib.request

from ...planners.repository.trust import key_complaint
from ...words.declarations.proxy import ProxyDeclaration
from ..host.command import ApplyFailed
from .proxied import opener

_SECONDS = 30
_LARGEST = 256 * 1024


def fetch_key(address: str, fingerprint: str, proxy: ProxyDeclaration) -> str:
    """Fetch an armoured key, through a proxy if one is declared, and check it before it is stored.

    :raises ApplyFailed: where it does not arrive in bounded time and size, or is not the pinned
        one.
    """
    text = _fetch(address, proxy)
    complaint = key_complaint(text, fingerprint)
    if complaint:
        raise ApplyFailed(
            "The signing key at %s is not to be believed: %s. Wanted is one armoured public key "
            "with the fingerprint %s. If the site signs with a key of its own that you trust, "
            "set docker_engine_repo_key_fingerprint. The key was not installed."
            % (address, complaint, fingerprint)
        )
    return text if text.endswith("\n") else text + "\n"


def _fetch(address: str, proxy: ProxyDeclaration) -> str:
    deadline = time.monotonic() + _SECONDS
    try:
        # The declaration lets only http, https and file through.
        request = urllib.request.Request(address, headers={"User-Agent": "dockwright"})  # noqa: S310
        with opener(proxy).open(request, timeout=_SECONDS) as answer:
            contents = b""
            while True:
                # A site that trickles must not hold a run for ever.
                if time.monotonic() > deadline or len(contents) > _LARGEST:
                    raise ApplyFailed(
                        "The signing key at %s did not arrive: more than %d s or %d bytes."
                        % (address, _SECONDS, _LARGEST)
                    )
                # read() would wait for the full amount, past the deadline.
                part = answer.read1(16384)
                if not part:
                    return contents.decode("utf-8", "replace")
                contents += part
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        status = "%d " % error.code if isinstance(error, urllib.error.HTTPError) else ""
        raise ApplyFailed(
            "The signing key could not be fetched from %s: %s%s. Check docker_engine_repo_urls "
            "and the host's way to it." % (address, status, reason)
        )
