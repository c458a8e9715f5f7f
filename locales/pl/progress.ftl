progress-words = Czego chcesz się dowiedzieć? Na przykład: czytanie, wsparcie, koledzy. Napisz własnymi słowami. 0 = pracownik.
choice-progress = Jak idzie dziecku
topic-progress = jak idzie dziecku
