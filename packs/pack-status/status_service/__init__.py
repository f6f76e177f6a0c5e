"""The device's services on one small page."""
