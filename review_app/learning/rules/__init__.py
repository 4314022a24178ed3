"""The rules of learning: every legal move, which words may be shared, and which numbers may be shown."""
