"""Stand in for python-apt's ``apt``, which launchpad-buildd asks for its version."""


class Cache(dict):
    """A machine without packages."""
