"""The forms of signing in."""

from review_app.accounts.commands import SetPassword, SignInWith
from review_app.forms import BaseForm, EmailField, HiddenTextField, PasswordField, RadioField, Required


class SignInForm(BaseForm):
    """E-mail address and password."""

    email = EmailField("Email address", [Required("Enter your e-mail address")])
    password = PasswordField("Password", [Required("Enter your password")])
    next = HiddenTextField(max_length=500)

    def to_command(self, address: str) -> SignInWith:
        """Hand on what was typed, with the network address it came from."""
        return SignInWith(email=self.email.data or "", password=self.password.data or "", address=address)


class InvitationForm(BaseForm):
    """Choose a password."""

    password = PasswordField("Choose a password", [Required("Enter a password")])

    def to_command(self, token: str) -> SetPassword:
        """Hand on the password for the invitation with this token."""
        return SetPassword(token=token, password=self.password.data or "")


class ChoosePartnershipForm(BaseForm):
    """Where to act."""

    partnership = RadioField("Which partnership are you working in?", [Required("Select a partnership")])
