"""Reads of the thread: which records a reader may know of, the walk between them, and the page."""

from review_app.thread.queries.page import ThreadPage, thread_page

__all__ = ["ThreadPage", "thread_page"]
