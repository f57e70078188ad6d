"""Drive a farm of Debian package builders."""

__version__ = "0.1.0"
