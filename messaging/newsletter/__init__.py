"""What goes out by mail of what was placed: at once, in a bundle, or once a week."""
