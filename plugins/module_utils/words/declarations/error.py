# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one error of a declaration that has no meaning."""


class DeclarationError(Exception):
    """A declared value has no meaning; the message names it, what was wanted and what to do."""
