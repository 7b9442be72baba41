"""Repeatable measurements against peers, in one run each; not part of the tests."""
