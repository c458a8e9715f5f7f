released-offer = Twoje spotkanie, { $who }: { $choices }. 0 = pracownik.
topic-released-meeting = twoje własne spotkanie
