"""The search box: references and words of every kind of record, as far as the person may know them. Reads only."""
