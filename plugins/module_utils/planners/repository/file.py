# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Compare the repository file: our entry for a listed site, and what others added.

Entries of others in it, and comments, are theirs: they stay, whatever becomes of ours.
"""

from typing import List, Optional, Tuple

from ...words import impacts, resources
from ...words.declarations.engine import EngineDeclaration
from ...words.declared import declare_at
from ...words.difference import Difference
from ...words.observations.host import Observation
from ...words.tables.supported_systems import SupportedSystem
from ..host.comparison import Comparison
from ..trust.ownership import file_complaint, ownership
from .entries import part_file
from .mirror_entries import Entry, entry_that_stays, listed_first
from .plan import (
    HEADER,
    ROLE,
    has_our_head,
    render_repository,
    repository_id,
    repository_path,
    without_credentials,
)
from .text import sections, stanzas

# The possible names of our own entry, by the channels.
_OUR_SECTIONS = tuple(repository_id(channel) for channel in ("stable", "test"))


def accepted_texts(
    engine: EngineDeclaration, system: SupportedSystem, architecture: str
) -> List[str]:
    """Give every text of our entry that is as declared: one for each listed site."""
    return [
        render_repository(system, architecture, engine.channel, url) for url in engine.repo_urls
    ]


def compare_repository(
    engine: EngineDeclaration, system: SupportedSystem, observed: Observation
) -> Comparison:
    """Compare the repository file: it names a listed site, and only root may write it."""
    path = repository_path(system)
    file = observed.files[path]
    accepted = accepted_texts(engine, system, observed.architecture)
    declared = declare_at(
        resource=resources.ENGINE_REPOSITORY_FILE, role=ROLE, path=path, wanted=accepted
    )
    stays = entry_that_stays(engine, system, observed)
    if stays is not None and stays.path != path:
        return Comparison(declared)
    found = file_complaint(file)
    expected, site = _expected(engine, system, observed, stays)
    if not found and file.text == expected:
        found = ownership(file)
        if not found:
            return Comparison(declared)
        expected, actual = "mode 0644, owner 0:0", found
    else:
        actual = file.text if file.kind == "file" else found
    return Comparison(
        declared,
        Difference(
            resource=declared.resource,
            role=ROLE,
            path=path,
            expected=without_credentials(expected),
            actual=without_credentials(actual) if file.kind != "absent" else "",
            impact=impacts.NONE,
            sentence="write the repository file for %s" % site,
        ),
    )


def desired_text(
    engine: EngineDeclaration, system: SupportedSystem, observed: Observation, site: str
) -> str:
    """Give the repository file with our entry for a site, and what others have in it."""
    text = render_repository(system, observed.architecture, engine.channel, site)
    theirs = _of_others(engine, system, observed)
    return text + "\n" + theirs if theirs.strip() else text


def _expected(
    engine: EngineDeclaration,
    system: SupportedSystem,
    observed: Observation,
    stays: Optional[Entry],
) -> Tuple[str, str]:
    """Give the expected text, which is the present one if that will do, and the site."""
    file = observed.files[repository_path(system)]
    if stays is not None:
        return file.text, without_credentials(stays.address)
    ours = _of_us(system, file.text)
    for url in engine.repo_urls:
        wanted = render_repository(system, observed.architecture, engine.channel, url)
        is_alone = not part_file(engine, system, observed, repository_path(system)).taken[1:]
        if is_alone and [_bare(each) for each in ours] == [_bare(wanted)]:
            return file.text, url
    site = listed_first(engine, system, observed)[0]
    return desired_text(engine, system, observed, site), site


def _of_us(system: SupportedSystem, text: str) -> List[str]:
    """Give our entries in the file, known by the head above them or by their id."""
    if system.family == "rpm":
        return ["".join(lines) for name, lines in sections(text) if name in _OUR_SECTIONS]
    return [each for each in stanzas(text) if has_our_head(each)]


def _of_others(engine: EngineDeclaration, system: SupportedSystem, observed: Observation) -> str:
    """Give what others have in the file, without entries that ours replaces."""
    path = repository_path(system)
    if observed.files[path].kind != "file":
        return ""
    remaining = part_file(engine, system, observed, path).remaining
    if system.family == "rpm":
        kept = ["".join(lines) for name, lines in sections(remaining) if name not in _OUR_SECTIONS]
    else:
        kept = [each for each in stanzas(remaining) if not has_our_head(each)]
    return "".join(kept).replace(HEADER, "").strip("\n") + "\n"


def _bare(text: str) -> Tuple[str, ...]:
    """Give the lines of an entry that are no comments."""
    lines = [line.strip() for line in text.splitlines()]
    return tuple(line for line in lines if line and not line.startswith("#"))
