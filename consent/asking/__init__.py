"""What is asked: purposes, their words, the rounds they are asked in, and letters about it."""
