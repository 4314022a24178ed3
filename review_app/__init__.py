"""Drug warnings and avoidable-death reviews for Combating Drugs Partnerships.

Nothing third-party is imported here, so that `python3 -m review_app` works before anything is installed.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from review_app.app import create_app

__all__ = ["create_app"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Hand on `create_app` when it is asked for."""
    if name == "create_app":
        from review_app.app import create_app

        return create_app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
