"""Let ``twistd`` and ``twist`` find the manager."""

from twisted.application.service import ServiceMaker


buildd_manager = ServiceMaker(
    "buildd-manager",
    "buildd_manager.tap",
    "Drive a farm of launchpad-buildd package builders.",
    "buildd-manager",
)
