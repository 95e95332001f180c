"""The pages around an account: signing in, the second step, own settings, help and the menu."""
