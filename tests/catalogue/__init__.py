"""The catalogue, over real SQLite databases."""
