who-child = Którego dziecka to dotyczy?
who-named = { $pupil }, wychowawca: { $teacher } (pierwszy kontakt). Specjalne potrzeby edukacyjne (SEND): { $senco } (SENCO), { $office-phone }, { $senco-hours }.
who-office = Sekretariat pomoże lub przekaże wiadomość: tel. { $office-phone }. Albo odpisz 0, a pracownik odpowie.
choice-message = Napisz do nich
topic-who-to-contact = z kim rozmawiać
