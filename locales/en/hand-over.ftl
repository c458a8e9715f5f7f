hand-over-asked = OK. A person from the school office will contact you by { $by }. Your reference is { $case }. To talk now, ring { $office-phone }.
hand-over-tries = Sorry, I still don't understand. I have passed your words to the school office, who will contact you by { $by }.
