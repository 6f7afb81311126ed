"""The message bus as flows see it: messages, packed records, topics."""
