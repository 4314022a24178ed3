"""The forms by which the audit is searched, and by which months of it are pruned."""

from review_app.audit.commands import ProposePruning
from review_app.forms import BaseForm, DateField, FilterForm, Required, SelectField, TextField


class AuditFilter(FilterForm):
    """Find events by record, person and day."""

    reference = TextField("Reference of a record", max_length=60, hint="For example WES-2026-0042")
    person = TextField("Person's e-mail address", max_length=254)
    since = DateField("From this day")
    until = DateField("To this day")


class ProposePruningForm(BaseForm):
    """Up to which month everything goes."""

    up_to = SelectField("Everything up to and including", [Required("Select the last month to prune")])

    def to_command(self) -> ProposePruning:
        """Hand on the month."""
        return ProposePruning(up_to=self.up_to.data)
