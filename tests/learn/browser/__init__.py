"""The course in a real browser. Needs `PRONGHORN_BROWSER`, a Chromium."""
