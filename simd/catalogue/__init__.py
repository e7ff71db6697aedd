"""What simd knows, in SQLite: schema, one writer, many readers, migrations."""
