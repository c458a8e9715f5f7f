records-what = To, co jest zapisane: { $choices }. 0 = pracownik.
records-how = Jaka kopia? { $choices }. 0 = pracownik.
records-copy = OK. Kopia będzie do { $by }.
records-correct = Co poprawić? Napisz własnymi słowami, jak powinno być. W aktach zostanie jedno i drugie.
records-corrected = Dziękujemy. Twoje słowa są obok zapisu: { $case }. Odpowie pracownik, do { $by }.
records-who = Twoje wiadomości czyta wychowawca i SENCO (specjalne potrzeby). Nie przekazujemy ich drugiemu rodzicowi.
records-formal = Możesz prosić o wszystko, co mamy, o poprawienie lub usunięcie. Napisz, o co prosisz.
records-formal-told = Dziękujemy. To oficjalny wniosek: { $case }. Szkoła odpowie do { $by } i może zapytać, kim jesteś.
records-sixteen = Od czerwca w roku szkolnym, w którym kończy się szesnaście lat, młodzi sami decydują o wsparciu. Szkoła omówi to z Wami.
choice-records = Dokumenty
choice-record-copy = Kopia
choice-record-correct = Popraw coś
choice-record-who = Kto to widzi
choice-record-formal = Oficjalny wniosek
choice-record-sixteen = Od szesnastu lat
choice-copy-paper = Na papierze
choice-copy-translated = Tłumaczenie
choice-copy-read = Przeczytana na głos
topic-records = dokumenty
