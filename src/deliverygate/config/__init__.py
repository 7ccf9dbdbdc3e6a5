"""The policy: YAML with line numbers to checked settings, each of which knows where it came from."""
