own-hello = { own-helo } there
own-hallo = Hello
