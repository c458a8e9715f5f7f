menu = { $school } (automatic). { $choices }. 0 a person. In danger now? Ring 999.
menu-again = Sorry, I did not understand. { $choices }. 0 a person. In danger now? Ring 999.
menu-more = { $choices }. 0 = a person.
choice-who = Who to contact
choice-concern = Raise a concern
choice-meeting = Book a meeting
choice-sendiass = Independent advice
choice-more = More
choice-status = What happened to my message
choice-change = Change a meeting
