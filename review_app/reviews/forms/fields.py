"""Fields that the review's forms share: pasted text, and dates that are known only roughly."""

from wtforms.form import BaseForm as Form
from wtforms.validators import StopValidation

from review_app.forms import TextAreaField, TextField
from review_app.fuzzy import FuzzyDate, parse_fuzzy
from review_app.reviews.rules.plain_text import plain_text


class PastedField(TextAreaField):
    """Several lines of text that may come from Word or a web page: what is kept is the plain text."""

    def process_formdata(self, valuelist: list[object]) -> None:
        """Make what was pasted plain before it is judged."""
        super().process_formdata([plain_text(str(each)) for each in valuelist[:1]])


class RoughDateField(TextField):
    """A date as people write it, exact or rough. The text is kept; `value` is what it means."""

    def pre_validate(self, form: Form) -> None:
        """Refuse what is no date, naming the question."""
        super().pre_validate(form)
        try:
            parse_fuzzy(self.data)
        except ValueError as error:
            raise StopValidation(f"{error}. The question was “{self.label.text}”") from None

    @property
    def value(self) -> FuzzyDate:
        """Give the date that was written."""
        return parse_fuzzy(self.data)
