"""What somebody is still writing: kept at school, and there again on another device."""
