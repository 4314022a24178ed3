"""Makes a demo ready: newest schema, then invented data. Start: `python -m review_app.starting.ready`.

What it prints on standard output is what a visitor is to be told once the server answers. Running it again changes
nothing that is there.
"""

import contextlib
import sys

import click
from flask.cli import FlaskGroup


def main() -> int:
    """Run the product's own commands for it, in one process. Give the exit status of the first that fails."""
    from review_app.app import create_app

    app = create_app()
    commands = FlaskGroup(create_app=lambda: app)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            commands.main(args=["migrate"], prog_name="review_app", standalone_mode=False)
        commands.main(args=["demo", "load"], prog_name="review_app", standalone_mode=False)
    except click.ClickException as problem:
        problem.show()
        return problem.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
