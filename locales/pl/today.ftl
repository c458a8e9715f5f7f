today-words = Czy to sprawa na dzisiaj? Nie czekaj na odpowiedź: dzwoń teraz do sekretariatu, { $office-phone }. Albo napisz tutaj, o co chodzi.
today-passed = Możemy to przeczytać za późno. Dzwoń teraz do szkoły: { $office-phone }. Przekazujemy to, ale nie czekaj. W niebezpieczeństwie dzwoń 999.
today-passed-closed = Szkoła zamknięta: możemy to przeczytać za późno. Ktoś zaginął lub jest zagrożony? Dzwoń 999. Sekretariat od { $opens }: { $office-phone }.
topic-today = dzisiaj w szkole
