"""The pages in a real Chromium, against the deployed stack and a real publisher."""
