"""ministack with its gaps closed: run by the emulator's own interpreter only, as `python -m emulator`."""
