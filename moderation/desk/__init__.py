"""The lists of the directie and the case officer, the trail, and work with many things at once."""
