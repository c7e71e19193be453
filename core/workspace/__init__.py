"""What the workspace tells everybody: announcements, and maintenance. See ADR 72."""
