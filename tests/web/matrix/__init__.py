"""The access matrix: every route, method and role against the table of who may see and who may do."""
