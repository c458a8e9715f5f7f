hand-over-asked = OK. Odpowie pracownik sekretariatu, do { $by }. Numer sprawy: { $case }. Rozmowa od razu: tel. { $office-phone }.
hand-over-tries = Przepraszamy, nadal nie rozumiemy. Twoje wiadomości trafiają do sekretariatu. Odpowiedź do { $by }.
