hand-over-asked = OK. Odpowie pracownik sekretariatu, do { $by }. Numer sprawy: { $case }. Rozmowa od razu: tel. { $office-phone }.
hand-over-tries = Przepraszamy, nadal nie rozumiemy. Twoje wiadomości trafiają do sekretariatu. Odpowiedź do { $by }.
hand-over-no-flow = Dziękujemy. Tego automat jeszcze nie umie, więc wiadomość trafia do pracownika. Odpowiedź do { $by }. Numer sprawy: { $case }.
hand-over-media = Dziękujemy. Zdjęcie lub nagranie otworzy pracownik, do { $by }. Pilne? Tel. { $office-phone }. W niebezpieczeństwie dzwoń 999.
