"""Endpoints: parse, find through `visible_to`, call a service, render."""
