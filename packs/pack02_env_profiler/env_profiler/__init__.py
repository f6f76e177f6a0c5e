"""What kind of machine this is, for packs that want to know."""
