"""The form by which a demo's sent mail is searched."""

from review_app.forms import FilterForm, TextField


class MailFilter(FilterForm):
    """Find mail by whom it was sent to."""

    to = TextField("Sent to an address that holds", max_length=254)
