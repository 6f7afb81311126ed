"""What is raised if the key store cannot be used."""


class KeyStoreFault(Exception):
    """The key store cannot be used, and why, in a sentence."""


class KeyStoreUnavailable(KeyStoreFault):
    """The key store cannot be used at the moment (its disk is full, its server is down): try again later."""
