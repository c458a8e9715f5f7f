wrong-sure = To { $school }, automat. Czy piszemy do niewłaściwej osoby?
wrong-gone = Przepraszamy. Nie napiszemy już na ten telefon, a szkoła to poprawi.
topic-wrong-number = zły numer
