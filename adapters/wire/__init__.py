"""Forms on the wire that several doors share."""
