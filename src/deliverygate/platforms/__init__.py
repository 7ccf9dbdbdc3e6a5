"""Where a change is learned from: so far the git repository itself."""
