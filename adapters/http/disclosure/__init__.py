"""The one place that gives out rows, events and opened fields, and that knows the caller: rights belong here."""
