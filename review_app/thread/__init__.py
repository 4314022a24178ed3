"""The evidence thread: the chain that a record belongs to, as far as its reader may know it. Reads only."""
