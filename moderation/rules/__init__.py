"""The rules of a school and who knows them, and the questionnaire about how it goes."""
