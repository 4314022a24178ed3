"""The form of the search box."""

from wtforms import ValidationError

from review_app.forms import FilterForm, TextField
from review_app.search.rules import LEAST_CHARACTERS


class SearchForm(FilterForm):
    """What is searched for. It is typed, so it never stands in an address."""

    words = TextField("Reference or words", max_length=80)

    def validate_words(self, field: TextField) -> None:
        """One letter is in almost everything."""
        if 0 < len(field.data) < LEAST_CHARACTERS:
            raise ValidationError(f"Enter at least {LEAST_CHARACTERS} characters")
