ring-ok = Dzisiaj zadzwoni { $who }, do { $by-time }. Czy telefon na ten numer jest OK?
ring-ok-another-day = Zadzwoni { $who }, do { $by }. Czy telefon na ten numer jest OK?
ring-other-way = OK. Nie zadzwonimy na ten numer. Jaki kontakt będzie bezpieczny? Możesz podać numer i godzinę.
ring-thanks = Dziękujemy. Mamy to zapisane.
ring-ok-interpreter = Dzisiaj zadzwoni { $who }, do { $by-time }, z tłumaczem. Czy telefon na ten numer jest OK?
ring-ok-interpreter-another-day = Zadzwoni { $who }, do { $by }, z tłumaczem. Czy telefon na ten numer jest OK?
