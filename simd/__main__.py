"""The `simd` command. Every decode worker imports this module again, so it imports nothing itself."""


def main() -> None:
    """Run the command line."""
    from simd.cli import main as run  # noqa: PLC0415 - see above

    run()


if __name__ == "__main__":
    main()
