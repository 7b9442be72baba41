"""Async use cases: what the commands and the screens call."""
