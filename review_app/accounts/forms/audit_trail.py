"""The form by which the audit is searched."""

from review_app.forms import DateField, FilterForm, TextField


class AuditFilter(FilterForm):
    """Find events by record, person and day."""

    reference = TextField("Reference of a record", max_length=60, hint="For example WES-2026-0042")
    person = TextField("Person's e-mail address", max_length=254)
    since = DateField("From this day")
    until = DateField("To this day")
