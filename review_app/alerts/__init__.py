"""Drug alerts: drafting, sign-off, scheduling, delivery, acknowledgement, update and withdrawal."""
