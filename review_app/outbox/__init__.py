"""Any e-mail owed other than an alert's Delivery: finished text, due time, state. Also the workers that send."""
