status-number = What is your reference? It looks like C-1042.
status-number-again = Sorry, we need the reference: C- and a number, from the text we sent you. If you do not have it, reply 0 and a person will look.
status-read-by = { $case } has been read. { $who } will be in touch by { $by }.
status-read = { $case } has been read. { $who } has it. To add something, just text us.
status-unread-by = { $case } is saved, and nobody has opened it yet. { $who } will be in touch by { $by }.
status-unread = { $case } is saved, and nobody has opened it yet. To talk to a person, reply 0.
status-unknown = I cannot find that reference for this phone. To talk to a person, reply 0, or ring { $office-phone }.
topic-status = a message you sent
