# What parents are told when their child's support changes: texts that staff see and may change before
# they go, and the letter about support. Phones may be shared: a text says no more than it must.

stage-concern = { $school }: we would like to plan with you how to help { $child } more in school. { $who } will be in touch. Questions? Reply here.
stage-support = { $school }: a letter about { $child } is on its way to you. It says what we have decided and what comes next. Questions? Reply here.
stage-assessment = { $school }: the council has been asked for an EHC needs assessment of { $child }. { $who } can tell you what comes next. Questions? Reply here.
stage-plan = { $school }: { $child } now has a plan ({ $plan }). { $who } will go through it with you. Questions? Reply here.
stage-none = { $school }: { $child } does well without extra support for special needs now. { $who } can tell you why. Not sure about it? Reply here.

# The letter, paragraph by paragraph.
letter-heading = Support for { $child }'s special educational needs
letter-dear = Dear { $adult },
letter-decided = Since { $since }, { $child } has special educational needs (SEN) support at { $school }. The law says that we must tell you when this begins (Children and Families Act 2014, section 68).
letter-means = What this means: we agree with you what should get better, we do what helps, and we look together at whether it has worked. Then we plan again. We meet you at least three times a year.
letter-together = You know { $child } best. We write down what you tell us, and you can see it.
letter-talk = Who to talk with: { $who }, who leads on special educational needs here (the SENCO). Ring { $office-phone }, or text the school.
letter-sendiass = You can also get free advice from people who are not part of the school: { $service }, { $reach }.
letter-otherwise = If you see it another way, tell us. We would like to hear it before the next step.
letter-close = Yours sincerely,
