"""Patterns of identifiers by RFC 3986, for `re` and JSON Schema alike; named as its grammar names them."""

from __future__ import annotations

_ENCODED = "%[0-9A-Fa-f]{2}"
_NAME = r"A-Za-z0-9._~!$&'()*+,;=\-"
_CHAR = rf"(?:[{_NAME}:@]|{_ENCODED})"
_REST = rf"(?:[{_NAME}:@/?]|{_ENCODED})*"
_HOST = rf"(?:\[[0-9A-Fa-f:.]+\]|(?:[{_NAME}]|{_ENCODED})*)"
_AUTHORITY = rf"(?:(?:[{_NAME}:]|{_ENCODED})*@)?{_HOST}(?::[0-9]*)?"
_PATH = rf"(?:/{_CHAR}*)*"
_ROOTED = rf"//{_AUTHORITY}{_PATH}|/(?:{_CHAR}+{_PATH})?"
_TAIL = rf"(?:\?{_REST})?(?:#{_REST})?"

URI = rf"[A-Za-z][A-Za-z0-9+.\-]*:(?:{_ROOTED}|{_CHAR}+{_PATH}|){_TAIL}"
"""A URI (section 3)."""

URI_REFERENCE = rf"(?:{URI}|(?:{_ROOTED}|(?:[{_NAME}@]|{_ENCODED})+{_PATH}|){_TAIL})"
"""A URI, or a reference relative to one (section 4.1)."""
