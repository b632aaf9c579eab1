"""`python -m leadtime`: the command line without its script."""

from leadtime.cli import main

if __name__ == "__main__":
    main()
