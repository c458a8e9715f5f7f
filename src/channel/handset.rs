//! The demo's phones: a message is delivered the moment it is sent, because the handset page reads
//! it from the record. Sends nothing to anybody.

use super::{Accepted, Outbound, Status};

/// A message "sent" to a phone of the demo.
pub fn deliver(out: &Outbound) -> Accepted {
    Accepted {
        provider_id: format!("handset:{}", out.id),
        status: Status::Delivered,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_delivered_at_once_under_our_own_id() {
        let id = uuid::Uuid::from_u128(7);
        let out = Outbound {
            id,
            to: "+447700900101".to_owned(),
            body: "Hello".to_owned(),
            subject: None,
            buttons: vec![],
            ask_contact: false,
            correspondence: crate::channel::Correspondence::default(),
        };
        let accepted = deliver(&out);
        assert_eq!(accepted.provider_id, format!("handset:{id}"));
        assert_eq!(accepted.status, Status::Delivered);
    }
}
