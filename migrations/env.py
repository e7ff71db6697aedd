"""Runs the revisions over the connection that the catalogue hands in, in its transaction."""

from alembic import context

from simd.catalogue.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
