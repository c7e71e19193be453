"""Provider keys on a page: what is said of one, and the dialogs that change it."""
