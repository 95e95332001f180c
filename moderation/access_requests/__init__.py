"""Who asked what is kept of them or their child: drawn up, read over, handed over."""
