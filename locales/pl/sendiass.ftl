# A council keeps its English name: parents know it from their letters.
sendiass-council = W jakim council mieszkasz? Na przykład: Camden. Pytamy tylko po to, by znaleźć lokalną poradnię.
sendiass-found = Darmowa porada spoza szkoły (SEND): { $name }, { $reach }.
sendiass-national = Każdy council ma darmową, niezależną poradnię SENDIASS. Spis: { $reach }.
service-found = { $name }, { $reach }. Niezależne od szkoły.
service-unknown = Dla Twojego council jeszcze nikogo nie znamy. Sprawdź tutaj: { $reach }. 0 = pracownik.
choice-mediation = Mediacje
choice-groups = Grupy rodziców
topic-sendiass = niezależna porada
