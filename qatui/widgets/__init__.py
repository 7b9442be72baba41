"""Reusable widgets: they know domain types and text, never a store or a service."""
