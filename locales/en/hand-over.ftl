hand-over-asked = OK. A person from the school office will contact you by { $by }. Your reference is { $case }. To talk now, ring { $office-phone }.
hand-over-tries = Sorry, I still don't understand. I have passed your words to the school office, who will contact you by { $by }.
hand-over-no-flow = Thank you. I cannot do this by text yet, so I have passed your words to a person. You will hear by { $by }. Your reference is { $case }.
hand-over-media = Thank you. I cannot open photos or recordings, so a person will, by { $by }. If it is urgent, ring { $office-phone }. In danger now? Ring 999.
