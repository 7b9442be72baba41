"""Coaching packs for a rep's one-to-one: gathered, put into words, and written as Markdown or HTML."""
