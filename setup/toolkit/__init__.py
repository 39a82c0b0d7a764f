"""What the scripts in ``setup/`` share. Standard library only."""
