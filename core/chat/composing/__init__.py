"""Replies in several parts: runs the steps of a plan, and makes one message of what they give."""
