"""The invented organization, interview and candidate that a new installation starts with."""
