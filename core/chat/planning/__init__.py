"""From a prompt that wants more than text to the steps of one reply, with what of the conversation it means."""
