"""`python -m adapters.cli` is `pujiang`."""

from adapters.cli import main

main()
