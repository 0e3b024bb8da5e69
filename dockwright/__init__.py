"""The Python side of Dockwright: it ships the collection ``dockwright.host`` in its wheel."""

__version__ = "0.1.0"
