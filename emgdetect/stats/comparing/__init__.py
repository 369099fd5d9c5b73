"""What makes the potentials more or fewer: rates compared across recordings."""
