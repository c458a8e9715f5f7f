# Prawo według stanu na listopad 2026. Terminy są zwykłe; urząd może mieć powody, by odpowiedzieć później.
ehcp-topic = Plan EHC opisuje potrzeby dziecka i pomoc. O co chodzi? { $choices }. 0 = pracownik.
ehcp-request = Ty lub szkoła z Tobą możecie poprosić urząd o ocenę. Odpowiedź zwykle w sześć tygodni. Jeśli będzie plan, trwa to często dwadzieścia.
ehcp-refused = Zachowaj list z decyzją. Podaje, kto prowadzi mediację i do kiedy można się odwołać: często dwa miesiące od daty. Poproś o poradę.
ehcp-draft = Masz piętnaście dni na uwagi do projektu: co zmienić, jaka szkoła. Możesz prosić urząd o spotkanie. Porada jest za darmo.
ehcp-review = Plan jest sprawdzany co rok. Zapytają Cię, co działa i co zmienić. Potem urząd decyduje, czy plan się zmieni.
ehcp-reform = Rząd planuje zmiany. Prawo jeszcze się nie zmieniło: obecne plany są ważne. Jeśli coś się zmieni, szkoła da znać.
ehcp-contact = Czy { $senco } (SENCO) ma się odezwać w tej sprawie?
ehcp-question = O co chcesz zapytać? Napisz własnymi słowami.
choice-ehcp = Plan EHC
choice-ehcp-request = Wniosek
choice-ehcp-refused = Odmowa
choice-ehcp-draft = Projekt
choice-ehcp-review = Coroczny przegląd
choice-ehcp-reform = Nowe zasady
topic-ehcp = plan EHC
