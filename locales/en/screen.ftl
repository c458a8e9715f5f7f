# What a person is told when the safeguarding screen hits. No name, no "safe", no promise to ring:
# a person makes that promise. Phones may be shared.

screen-staffed = Thank you for telling us. A senior member of staff has been sent this now. If anyone is in danger now, ring 999. You do not need to reply.
# Nobody is on the rota. The council's own line stands beside 999.
screen-closed = School is closed: nobody may see this before { $opens }. Child at risk? Ring 999, or { $out-of-hours-who } now on { $out-of-hours-phone }.
screen-emergency = If anyone is in danger now, ring 999.
# The adult's own crisis.
screen-crisis = Thank you for telling us. You can talk to someone now: Samaritans 116 123, or text SHOUT to 85258. If your life is in danger, ring 999.
# A pupil texting.
screen-young-person = Thank you for telling us. Please talk to an adult you trust at school. You can ring Childline free on 0800 1111. In danger now? Ring 999.
# A language we have no words for, a photo, a voice note.
screen-unread = Sorry, this computer cannot read that. A person will look by { $by }. We can get an interpreter. Ring { $office-phone }. In danger now? Ring 999.
# The same, where we are sure which language it is: $language is its own name for itself.
screen-unread-in = { $language }? We can get an interpreter. A person will look by { $by }. Ring { $office-phone }. In danger now? Ring 999.
# The same, where a question had asked for it.
screen-media = Thank you. A person will look at it, or listen to it, by { $by }. In danger now? Ring 999.
# Where the school has not told us the council's line.
screen-closed-no-line = School is closed: nobody may see this before { $opens }. If a child is at risk or anyone is in danger, ring 999.
# Beside another reply of the screen, which has thanked already.
screen-crisis-too = You can also talk to someone now: Samaritans 116 123, or text SHOUT to 85258.
