menu = { $school } (automatic). { $choices }. 0 a person. In danger now? Ring 999.
menu-again = Sorry, I did not understand. { $choices }. 0 a person. In danger now? Ring 999.
menu-more = { $choices }. 0 = a person.
menu-language = Which language do you want? Text its name. 0 = a person rings you.
menu-language-noted = OK. 0 = a person rings you.
choice-who = Who to contact
choice-concern = Raise a concern
choice-meeting = Book a meeting
choice-sendiass = Independent advice
choice-more = More
choice-status = What happened to my message
choice-change = Change a meeting
choice-language = Language
