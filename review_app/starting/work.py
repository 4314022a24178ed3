"""The worker process: scheduler and delivery, until SIGTERM. Start: `python -m review_app.starting.work`."""

from review_app.starting.lifeline import follow_supervisor


def main() -> None:
    """Run one worker on the application."""
    from review_app.app import create_app
    from review_app.jobs import run_worker

    follow_supervisor()
    run_worker(create_app())


if __name__ == "__main__":
    main()
