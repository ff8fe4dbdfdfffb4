"""What a backward pass did, and what is wrong with it."""
