"""The use cases of accounts."""

from review_app.accounts.service.administration import (
    add_agency,
    add_locality,
    edit_agency,
    edit_locality,
    edit_partnership,
    end_access,
    end_role,
    give_role,
    invite,
    invite_again,
)
from review_app.accounts.service.installing import add_partnership, add_user, stamp
from review_app.accounts.service.signing_in import (
    accept_invitation,
    check_password,
    choose_partnership,
    find_invitation,
    sign_in,
    sign_out,
    throttled,
)

__all__ = [
    "accept_invitation",
    "add_agency",
    "add_locality",
    "add_partnership",
    "add_user",
    "check_password",
    "choose_partnership",
    "edit_agency",
    "edit_locality",
    "edit_partnership",
    "end_access",
    "end_role",
    "find_invitation",
    "give_role",
    "invite",
    "invite_again",
    "sign_in",
    "sign_out",
    "stamp",
    "throttled",
]
