"""The version of the package, for files that say by what they were made."""

__version__ = "0.1.0"
