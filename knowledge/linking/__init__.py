"""What articles point to: reading it from their text, looking it up inside, asking outside."""
