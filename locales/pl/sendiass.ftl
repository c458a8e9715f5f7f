# A council keeps its English name: parents know it from their letters.
sendiass-council = W jakim council mieszkasz? Na przykład: Camden. Pytamy tylko po to, by znaleźć lokalną poradnię.
sendiass-found = Darmowa porada spoza szkoły. Specjalne potrzeby edukacyjne (SEND): { $name }, { $phone }, { $website }.
sendiass-website = Darmowa porada spoza szkoły. Specjalne potrzeby edukacyjne (SEND): { $name }, { $website }.
sendiass-national = Specjalne potrzeby edukacyjne (SEND): każdy council ma darmową, niezależną poradnię SENDIASS. Spis: { $website }.
service-found = { $name }, { $phone }, { $website }. Niezależne od szkoły.
service-website = { $name }, { $website }. Niezależne od szkoły.
service-unknown = Dla Twojego council jeszcze nikogo nie znamy. Sprawdź tutaj: { $website }. 0 = pracownik.
choice-mediation = Mediacje
choice-groups = Grupy rodziców
topic-sendiass = niezależna porada
