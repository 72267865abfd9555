"""One step each, never changed once released."""
