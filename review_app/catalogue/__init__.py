"""The editable, versioned data: forms, criteria, substances, the assessment scheme, clocks and advice."""
