ring-ok = { $who } will ring you today by { $by-time }. Is it OK to ring this phone?
ring-ok-another-day = { $who } will ring you by { $by }. Is it OK to ring this phone?
ring-other-way = OK. We will not ring this phone. How else can we reach you safely? You can text a number and a time.
ring-thanks = Thank you. We have written that down.
ring-ok-interpreter = { $who } will ring you today by { $by-time }, with an interpreter ({ $language-name }). Is it OK to ring this phone?
ring-ok-interpreter-another-day = { $who } will ring you by { $by }, with an interpreter ({ $language-name }). Is it OK to ring this phone?
