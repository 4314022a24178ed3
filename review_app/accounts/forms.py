"""The forms of signing in."""

from wtforms.validators import InputRequired

from review_app.accounts.commands import SetPassword, SignInWith
from review_app.forms import BaseForm, EmailField, HiddenField, PasswordField, RadioField, SubmitField


class SignInForm(BaseForm):
    """E-mail address and password."""

    email = EmailField("E-mail address", [InputRequired("Enter your e-mail address")])
    password = PasswordField("Password", [InputRequired("Enter your password")])
    next = HiddenField()
    submit = SubmitField("Sign in")

    def to_command(self, address: str) -> SignInWith:
        """Hand on what was typed, with the network address it came from."""
        return SignInWith(email=self.email.data or "", password=self.password.data or "", address=address)


class InvitationForm(BaseForm):
    """Choose a password."""

    password = PasswordField("Choose a password", [InputRequired("Enter a password")])
    submit = SubmitField("Set password")

    def to_command(self, token: str) -> SetPassword:
        """Hand on the password for the invitation with this token."""
        return SetPassword(token=token, password=self.password.data or "")


class ChoosePartnershipForm(BaseForm):
    """Where to act."""

    partnership = RadioField("Which partnership are you working in?", [InputRequired("Select a partnership")])
    submit = SubmitField("Continue")
