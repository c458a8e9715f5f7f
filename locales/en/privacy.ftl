privacy-others = We never pass on what one person tells us to another. You can tell us your own view at any time. We keep it with the record.
privacy-staff = No. Staff you write about are not sent your message. Senior staff read it. They may have to tell other people to protect a child.
topic-privacy = who sees what you write
