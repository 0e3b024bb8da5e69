# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Features that the daemon reads when it starts; each counts by itself, beside the key features.

A reload takes the key as a whole, but does not apply these (moby, daemon/reload.go).
"""

from typing import Dict, Mapping, Set

from ...words.declared import digest
from ...words.tables.daemon_options import (
    FEATURES_OF_THE_START,
    OF_FEATURES,
    SNAPSHOTTER,
    Version,
    is_on_by_default,
    is_read_at_start,
)
from ..daemon.document import Document
from ..daemon.meaning import meaning


def key_digests(document: Document, salt: str) -> Dict[str, str]:
    """Give digests of the meaning of each key, and of each feature that is read at the start.

    A key that changes nothing for dockerd is left out.
    """
    meant = {key: meaning(key, value) for key, value in document.items()}
    digests = {key: digest(salt, value) for key, value in meant.items() if value is not None}
    features = document.get("features")
    for name in FEATURES_OF_THE_START:
        if isinstance(features, dict) and name in features:
            digests[OF_FEATURES + name] = digest(salt, features[name])
    return digests


def features_passed_over(version: Version) -> Set[str]:
    """Name the features that this engine does not read."""
    names = (each for each in FEATURES_OF_THE_START if not is_read_at_start(each, version))
    return {OF_FEATURES + name for name in names}


def unmoved_features(
    before: Mapping[str, str], after: Mapping[str, str], salt: str, version: Version
) -> Set[str]:
    """Name the features that change nothing: this engine does not read them, or has them so."""
    found = features_passed_over(version)
    for name in FEATURES_OF_THE_START:
        # Without a word the image store depends on the host, and an unknown engine's default is
        # unknown.
        if name != SNAPSHOTTER and version:
            key, default = OF_FEATURES + name, digest(salt, is_on_by_default(name, version))
            if before.get(key, default) == after.get(key, default):
                found.add(key)
    return found
