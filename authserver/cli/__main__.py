"""`python -m authserver.cli` is the same as `authserver`."""

from authserver.cli import main

if __name__ == "__main__":
    main(prog_name="authserver")
