"""The one place that gives out rows, events and opened fields, and that knows who asks: rights belong here."""
