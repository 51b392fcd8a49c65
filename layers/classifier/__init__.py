"""What the classifier layer carries beside NumPy: weights converted from two packages."""
