"""Adapters to interfaces of other libraries: DCBRecorder of `eventsourcing`."""
