"""A farm of one on this machine, with a genuine launchpad-buildd."""
