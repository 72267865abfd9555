"""``python -m hipdrive``: the command line."""

from hipdrive.cli import main

if __name__ == "__main__":
    main()
