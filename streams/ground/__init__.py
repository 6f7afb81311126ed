"""Ground: how events are judged, and which hold in one world and not in another."""
