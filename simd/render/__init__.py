"""Values as text for a person: sizes, times, tables."""
