"""What is asked when a report is sent."""

from dataclasses import dataclass, field

from review_app.submissions.rules import KnownPlace, NameSharing, ReportKind, SourceKind


@dataclass(frozen=True, kw_only=True)
class SendReport:
    """Send a report on the short form. What was written, and who and where it came from, stay out of its `repr`.

    `form_token` is the random one-time id of the form, so that pressing twice sends one report. `address` is the
    network address of a visitor without an account; it is counted as a keyed digest, and never kept.
    """

    slug: str
    form_token: str = field(repr=False)
    address: str = field(repr=False)
    danger_now: bool
    reporting: tuple[ReportKind, ...]
    sold_as: str = field(repr=False)
    locality_id: int | None
    known_place: KnownPlace | None
    how_known: SourceKind
    own_words: str = field(repr=False)
    contact: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    organisation: str = field(default="", repr=False)
    name_sharing: NameSharing = NameSharing.LDIS_ONLY
    may_contact: bool = True
    names_nobody: bool

    @property
    def tells_who(self) -> bool:
        """Say whether the submitter gave anything by which to know or reach them."""
        return bool(self.contact or self.name or self.organisation)
