"""What operators measure Gearbox by: metrics that are pulled from `/metrics`. No ids of people, no words of theirs."""
