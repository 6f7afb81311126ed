"""Stand-ins for upstream systems: the one place in adapters that speaks in contexts' events."""
