"""What everything stands on: errors, registries, arguments, late imports. Imports nothing else of ganzoo."""

from ganzoo.base.errors import DataError, GanzooError, RunError, UsageError
from ganzoo.base.registry import Registry

__all__ = ["DataError", "GanzooError", "Registry", "RunError", "UsageError"]
