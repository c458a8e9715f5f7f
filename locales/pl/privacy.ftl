privacy-others = Nigdy nie mówimy jednej osobie, co mówi nam druga. Zawsze możesz podać swoje zdanie. Dołączymy je do zapisu sprawy.
privacy-staff = Nie. Pracownik, o którym piszesz, nie dostaje tej wiadomości. Czyta ją kierownictwo. By chronić dziecko, może powiadomić innych.
topic-privacy = kto to czyta
