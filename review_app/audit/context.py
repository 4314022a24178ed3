"""What the audit knows of the request in hand without being told by every caller."""

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
