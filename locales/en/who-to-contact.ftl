who-child = Which child is this about?
who-named = { $pupil }'s class teacher is { $teacher }: the first person to ask. For SEND, { $senco } (SENCO), { $office-phone }, { $senco-hours }.
who-office = The school office will help you, or pass a message on. Ring { $office-phone }, or reply 0 and a person will contact you.
choice-message = Send either a message
topic-who-to-contact = who to contact
