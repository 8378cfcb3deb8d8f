"""Answers, a module each: small objects around the JSON that the `codcast` command prints."""
