"""Pure judgement: what was measured, against what is wanted. Nothing here opens a file or knows a platform."""
