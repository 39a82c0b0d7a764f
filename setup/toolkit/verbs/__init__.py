"""One module per command of ``setup/``; each has ``main(args) -> exit code``."""
