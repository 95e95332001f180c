"""What somebody reported or noted: who handles it, the measures, letters and notes."""
