events-pick = Coming up: { $choices }. 0 = a person.
events-none = No events are entered at the moment. What would you like to know? A person will answer.
events-none-known = No events are entered at the moment, so a person will answer.
events-other = What would you like to know? Tell us in your own words, and a person will answer.
events-answer = { $event }. Will you come? { $choices }. 0 = a person.
events-needs = Is there anything you need, such as an interpreter, step-free access or somebody for the little ones? If not, reply no.
events-noted = You are down for { $event }, { $at }. We will remind you. To change it, text us.
events-full = Sorry, { $event } is full. We have put you on the list, and school will tell you if a place comes free.
events-declined = OK, thank you for telling us.
choice-coming = Yes
choice-quietly = Yes, quietly
choice-not-coming = No
choice-events = Events
topic-events = events
