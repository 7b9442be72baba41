"""How Alembic runs here: inside the transaction that `qatui.store.files` has opened, and only there."""

from __future__ import annotations

from alembic import context

from qatui.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
