"""What families, pupils and staff answer, and the page on which they do."""
