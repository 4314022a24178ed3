"""Setting up and running: the environment, the web server with its worker, and the checks.

The standard library alone is used here, because this runs before anything is installed.
"""
