"""What is raised if the key store cannot be used."""

from streams.ports import LogUnavailable


class KeyStoreFault(Exception):
    """The key store cannot be used, and why, in a sentence."""


class KeyStoreUnavailable(KeyStoreFault, LogUnavailable):
    """Nothing can be appended, as the key store cannot be used at the moment (its disk is full, its server is down): try again later."""
