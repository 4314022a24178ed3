"""People, agencies, Partnerships, panels and sign-in."""
