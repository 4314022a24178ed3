"""The forms by which the library of learning themes is kept."""

from collections.abc import Iterable

from review_app.catalogue.commands import AddTheme, ChangeTheme, MergeTheme, RetireTheme
from review_app.catalogue.forms.settings import WHY, WHY_HINT
from review_app.forms import (
    BaseForm,
    RadioField,
    Required,
    SelectChoice,
    TextField,
    VersionField,
)


class ThemeForm(BaseForm):
    """What a theme is called and where it belongs. The view hands over the domains."""

    name = TextField("Name of the theme", [Required("Enter the name of the theme")], max_length=120)
    domain = RadioField("Domain", [Required("Select the domain")])
    reason = TextField(WHY, max_length=300, hint=WHY_HINT)
    version = VersionField()

    def offer(self, domains: Iterable[SelectChoice]) -> None:
        """Offer these domains."""
        self.domain.choices = list(domains)

    def to_add(self) -> AddTheme:
        """Hand on a new theme."""
        return AddTheme(name=self.name.data, domain=str(self.domain.data), reason=self.reason.data)

    def to_change(self, theme_id: int) -> ChangeTheme:
        """Hand on a change."""
        return ChangeTheme(
            theme_id=theme_id,
            version_id=self.version.data or 0,
            name=self.name.data,
            domain=str(self.domain.data),
            reason=self.reason.data,
        )


class ThemeReasonForm(BaseForm):
    """Why a theme is retired, put back or merged."""

    reason = TextField(WHY, max_length=300, hint=WHY_HINT)
    version = VersionField()

    def to_retire(self, theme_id: int, *, retire: bool) -> RetireTheme:
        """Hand on taking a theme out of use, or putting it back."""
        return RetireTheme(theme_id=theme_id, version_id=self.version.data or 0, retire=retire, reason=self.reason.data)

    def to_merge(self, theme_id: int, into_id: int) -> MergeTheme:
        """Hand on a merge."""
        return MergeTheme(
            theme_id=theme_id, version_id=self.version.data or 0, into_id=into_id, reason=self.reason.data
        )
