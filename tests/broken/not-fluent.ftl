own-hello = Hello { $who
