"""`pujiang keys`: the keys that sign checkpoints, and the rotation of the one that wraps all others."""

from __future__ import annotations

from contextlib import closing

from adapters.cli.settings import existing, settings
from adapters.cli.terminal import console, fail, print_line, progress
from adapters.keys import kek as files
from adapters.keys import rotation
from adapters.keys.fault import KeyStoreFault
from adapters.keys.signing import HANDOVER
from adapters.keys.store import open_shelf
from adapters.run.site import kek, site


def show() -> None:
    """Print the keys."""
    with site(existing()) as opened:
        found = opened.keys.of_log(opened.origin)[::-1]
        cosigner = opened.cosigner().key
    console.print(f"log {found[0].key.name}")
    for number, signer in enumerate(found):
        print_line(f"{signer.key}{'' if number < HANDOVER else '  no longer signs'}")
    console.print("as a witness of other logs")
    print_line(cosigner)


def rotate() -> None:
    """Make a new key, and print it."""
    with site(existing()) as opened:
        print_line(opened.keys.rotate(opened.origin).key)


def rotate_kek(*, prepare: bool) -> None:
    """Wrap all keys anew."""
    found = settings()
    file = kek(found)
    if not file.exists():
        raise fail(f"there is no key-encryption key {file}: see PUJIANG_HOME")
    try:
        if prepare:
            with files.locked(file.parent):
                print_line(rotation.prepare(file))
            return
        with closing(open_shelf(found.keys_url)) as shelf, progress("wrapping keys") as (bar, task):
            rotated = rotation.Rotation(shelf.keys, shelf.secrets, shelf.kek, file)
            rotated.run(lambda count: bar.advance(task, count))
    except KeyStoreFault as error:
        raise fail(str(error)) from error
    console.print(
        f"the key-encryption key in {file} is new: back it up, and destroy all copies of the old one"
    )
