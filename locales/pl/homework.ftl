homework-words = O co chcesz zapytać? Napisz też imię i klasę dziecka.
homework-child = Którego dziecka dotyczy praca domowa?
homework-week = Praca domowa w tym tygodniu: { $homework }
homework-how = Praca domowa: { $homework } Jak poszło? { $choices }.
homework-none = Szkoła nie podała jeszcze pracy domowej. { $choices }. 0 = pracownik.
homework-ask = O co chcesz zapytać? Napisz własnymi słowami. Przeczyta to nauczyciel.
homework-thanks = Dziękujemy. Każda próba pomaga, nie szkodzi, że było trudno. Nauczyciel to zobaczy.
homework-help = Co było trudne? Napisz własnymi słowami. Przeczyta to nauczyciel.
homework-helped = Dziękujemy. Przeczyta to nauczyciel. Pilne? Odpisz 0, odezwie się pracownik.
choice-home-done = Zrobione
choice-home-partly = Częściowo
choice-home-could-not = Nie udało się
choice-home-help = Za trudne
choice-ask-teacher = Zapytaj nauczyciela
choice-homework = Praca domowa
topic-homework = praca domowa
