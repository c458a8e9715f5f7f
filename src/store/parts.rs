//! Parts of long texts, until they are joined.

use super::{Moment, Result, Tx, all, exec};
use crate::channel::{Inbound, Part};

/// A part that waits for the others.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct WaitingPart {
    /// The number it came to.
    pub endpoint: String,
    /// The provider's id of it.
    pub provider_id: String,
    /// Who wrote.
    pub address: String,
    /// What the parts of one text have in common.
    pub reference: String,
    /// Which part, from 1.
    pub n: i64,
    /// Of how many.
    pub total: i64,
    /// Its words, as they came.
    pub body: Vec<u8>,
    /// When the provider received it.
    pub sent_at: Option<Moment>,
}

impl Tx {
    /// Keeps a part, which waits for the others until `due`; false when it was kept before.
    pub async fn keep_part(
        &mut self,
        school_id: &str,
        endpoint: &str,
        inbound: &Inbound,
        part: &Part,
        due: Moment,
    ) -> Result<bool> {
        let rows = exec!(
            self,
            "INSERT INTO parts (endpoint, provider_id, address, reference, n, total, body, sent_at, due_at, school_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (endpoint, provider_id) DO NOTHING",
            endpoint,
            inbound.provider_id.as_str(),
            inbound.from.as_str(),
            part.reference.as_str(),
            i64::from(part.n),
            i64::from(part.total),
            inbound.body.as_slice(),
            inbound.sent_at.map(Moment::from),
            due,
            school_id,
        );
        Ok(rows == 1)
    }

    /// The parts of one text that are here, in their order.
    pub async fn parts_of(
        &mut self,
        endpoint: &str,
        address: &str,
        reference: &str,
    ) -> Result<Vec<WaitingPart>> {
        Ok(all!(
            self,
            WaitingPart,
            "SELECT * FROM parts WHERE endpoint = $1 AND address = $2 AND reference = $3 AND joined_at IS NULL
             ORDER BY n, due_at",
            endpoint,
            address,
            reference
        ))
    }

    /// Texts of which a part has waited long enough for the others: endpoint, address and reference.
    pub async fn late_parts(&mut self) -> Result<Vec<(String, String, String)>> {
        Ok(all!(
            self,
            (String, String, String),
            "SELECT endpoint, address, reference FROM parts WHERE joined_at IS NULL
             GROUP BY endpoint, address, reference HAVING MIN(due_at) <= $1",
            Moment::from(self.now)
        ))
    }

    /// These parts stand in a message now, and their words nowhere else.
    pub async fn parts_joined(&mut self, parts: &[WaitingPart]) -> Result<()> {
        for part in parts {
            exec!(
                self,
                "UPDATE parts SET joined_at = $3, body = $4 WHERE endpoint = $1 AND provider_id = $2",
                part.endpoint.as_str(),
                part.provider_id.as_str(),
                Moment::from(self.now),
                [0_u8; 0].as_slice()
            );
        }
        Ok(())
    }
}
