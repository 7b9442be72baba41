"""Screens: what a person sees and does; they ask services and show answers through widgets."""
