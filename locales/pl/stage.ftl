# Co słyszą rodzice, gdy zmienia się wsparcie dziecka: SMS-y, które pracownik widzi i może zmienić przed
# wysłaniem, oraz list o wsparciu. Telefon bywa wspólny: SMS mówi tylko tyle, ile musi.

stage-concern = { $school }: chcemy z Tobą ustalić, jak lepiej pomóc w szkole ({ $child }). Odezwie się { $who }. Pytania? Odpisz.
stage-support = { $school }: list w sprawie dziecka ({ $child }) jest w drodze. Pisze o tym, co postanowiliśmy i co dalej. Pytania? Odpisz tutaj.
stage-assessment = { $school }: gmina ocenia potrzeby dziecka (EHC needs assessment): { $child }. Co dalej, powie { $who }. Pytania? Odpisz.
stage-plan = { $school }: dziecko ({ $child }) ma teraz plan ({ $plan }). Omówi go z Tobą { $who }. Pytania? Odpisz tutaj.
stage-none = { $school }: { $child } radzi sobie teraz bez dodatkowej pomocy. Dlaczego, powie { $who }. Pytania? Odpisz.

# List, akapit po akapicie.
letter-heading = Wsparcie w specjalnych potrzebach edukacyjnych: { $child }
letter-dear = Szanowni Państwo ({ $adult }),
letter-decided = Od dnia { $since } dziecko ({ $child }) ma w szkole { $school } wsparcie w specjalnych potrzebach edukacyjnych (SEN support). Prawo każe nam powiedzieć Państwu, kiedy to się zaczyna (Children and Families Act 2014, section 68).
letter-means = Co to znaczy: ustalamy z Państwem, co ma się poprawić, robimy to, co pomaga, i razem patrzymy, czy pomogło. Potem planujemy dalej. Spotykamy się z Państwem co najmniej trzy razy w roku.
letter-together = To Państwo najlepiej znają swoje dziecko. Zapisujemy to, co od Państwa słyszymy, i można to zobaczyć.
letter-talk = Z kim rozmawiać: { $who }, osoba odpowiedzialna w szkole za specjalne potrzeby edukacyjne (SENCO). Telefon: { $office-phone }. Można też napisać SMS do szkoły.
letter-sendiass = Bezpłatną poradę dają też ludzie spoza szkoły: { $service }, { $reach }.
letter-otherwise = Jeśli widzą to Państwo inaczej, prosimy powiedzieć. Chcemy to usłyszeć przed następnym krokiem.
letter-close = Z poważaniem,
