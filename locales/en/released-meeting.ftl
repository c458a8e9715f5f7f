released-offer = Your own meeting, { $who }: { $choices }. 0 = a person.
topic-released-meeting = your own meeting
