"""Tests of the whole house."""

from hypothesis import HealthCheck, settings


# No test fails because the machine was busy.
settings.register_profile(
    "farm", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("farm")
