"""The entry point of ``glassnet`` and ``python -m glassnet``."""


def main() -> None:
    """Run the command line; a Ctrl-C while it is still being loaded ends it without a word."""
    try:
        from glassnet.cli import run

        run()
    except KeyboardInterrupt:
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
