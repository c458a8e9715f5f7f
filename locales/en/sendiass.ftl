sendiass-council = Which council do you live in? For example: Camden. We use it only to find your local advice service.
sendiass-found = Free SEND advice, independent of school: { $name }, { $reach }.
sendiass-national = Free SEND advice, independent of school: every council has a service called SENDIASS. Find yours at { $reach }.
service-found = { $name }, { $reach }. It is independent of the school.
service-unknown = We do not know one for your council yet. You can look here: { $reach }. 0 = a person.
choice-mediation = Mediation
choice-groups = Parent groups
topic-sendiass = independent advice
