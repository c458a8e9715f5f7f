own-hello = Hello
own-hello = Hello again
