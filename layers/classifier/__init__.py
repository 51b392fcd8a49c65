"""What the classifier layer carries beside NumPy: weights converted from a package, and a head."""
