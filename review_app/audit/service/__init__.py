"""Recording what was done and who looked, proving that nothing was changed since, and pruning what is past its time."""

from review_app.audit.service.pruning import approve_pruning, propose_pruning, withdraw_pruning
from review_app.audit.service.recording import (
    AuditAction,
    RecordName,
    Report,
    close_segments,
    destroy_salt,
    destroy_salts,
    install,
    record,
    record_denial,
    record_view,
    verify,
)

__all__ = [
    "AuditAction", "RecordName", "Report", "approve_pruning", "close_segments", "destroy_salt", "destroy_salts",
    "install", "propose_pruning", "record", "record_denial", "record_view", "verify", "withdraw_pruning",
]  # fmt: skip
