"""The supervisor's control, from inside a pack."""
