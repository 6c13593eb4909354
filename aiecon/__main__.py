"""`python -m aiecon` is the command line."""

from aiecon.cli import main

main()
