"""Verified fakes, contracts and strategies, for our tests and for yours."""
