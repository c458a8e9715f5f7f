own-bye = To get no more of these, reply Stop.
