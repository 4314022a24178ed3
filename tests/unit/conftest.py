"""Generated cases have no deadline: how long one takes says more about a busy machine than about a rule."""

from hypothesis import settings

settings.register_profile("review", deadline=None)
settings.load_profile("review")
