"""`python -m mindlyfe`: the same as the command `mindlyfe`."""

from mindlyfe.cli import main

if __name__ == "__main__":
    main()
