wrong-sure = This is { $school }, by an automatic service. Are we texting the wrong person?
wrong-gone = Sorry for that. We will not text this phone again, and the school will put it right.
topic-wrong-number = a wrong number
