"""What Candor is measured by: one script per row of figures, each beside a peer of the same run."""
