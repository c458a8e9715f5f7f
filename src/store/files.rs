//! Photos, recordings and documents that came with messages.

use uuid::Uuid;

use super::{Moment, Result, Tx, all, claim, exec, one};
use crate::channel::Media;

/// A file, without its content.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct File {
    /// The message it came with.
    pub message: Uuid,
    /// Which of them, from 0.
    pub n: i64,
    /// The endpoint it came by.
    pub via: String,
    /// What the provider calls it.
    pub said_type: String,
    /// Where the provider keeps it.
    pub reference: String,
    /// `waiting`, `kept`, `refused`, `lost` or `erased`.
    pub state: String,
    /// Why it is not kept.
    pub why: Option<String>,
    /// How often it was asked for.
    pub tries: i64,
    /// What it is by its content, as a media type.
    pub kind: Option<String>,
    /// In bytes.
    pub size: Option<i64>,
}

impl Tx {
    /// Notes what came with a message, to be fetched.
    pub(super) async fn expect_files(
        &mut self,
        message: Uuid,
        school_id: &str,
        via: &str,
        media: &[Media],
    ) -> Result<()> {
        for (n, file) in (0_i64..).zip(media) {
            exec!(
                self,
                "INSERT INTO files (message, n, school_id, via, said_type, reference, state, tries, next_at)
                 VALUES ($1, $2, $3, $4, $5, $6, 'waiting', 0, $7)",
                message,
                n,
                school_id,
                via,
                file.content_type.as_str(),
                file.reference.as_str(),
                Moment::from(self.now),
            );
        }
        Ok(())
    }

    /// Takes one file that is to be fetched now, and nobody else does before `again`.
    pub async fn claim_file(&mut self, again: Moment) -> Result<Option<File>> {
        let Some(mut file) = claim!(
            self,
            File,
            "SELECT * FROM files WHERE state = 'waiting' AND next_at <= $1 ORDER BY next_at LIMIT 1",
            Moment::from(self.now)
        ) else {
            return Ok(None);
        };
        file.tries += 1;
        exec!(
            self,
            "UPDATE files SET tries = $3, next_at = $4 WHERE message = $1 AND n = $2",
            file.message,
            file.n,
            file.tries,
            again
        );
        Ok(Some(file))
    }

    /// Keeps a file's content.
    pub async fn keep_file(&mut self, file: &File, kind: &str, content: &[u8]) -> Result<()> {
        exec!(
            self,
            "UPDATE files SET state = 'kept', why = NULL, next_at = NULL, kind = $3, size = $4, content = $5
             WHERE message = $1 AND n = $2",
            file.message,
            file.n,
            kind,
            i64::try_from(content.len()).unwrap_or(i64::MAX),
            content
        );
        Ok(())
    }

    /// A file is not kept: asked for again at `again`, or never.
    pub async fn file_not_kept(
        &mut self,
        file: &File,
        state: &str,
        why: &str,
        again: Option<Moment>,
    ) -> Result<()> {
        exec!(
            self,
            "UPDATE files SET state = $3, why = $4, next_at = $5 WHERE message = $1 AND n = $2",
            file.message,
            file.n,
            state,
            why,
            again
        );
        Ok(())
    }

    /// The files that came with the messages of a case.
    pub async fn files_of_case(&mut self, case_id: Uuid) -> Result<Vec<File>> {
        Ok(all!(
            self,
            File,
            "SELECT message, n, via, said_type, reference, state, why, tries, kind, size FROM files
             WHERE message IN (SELECT message FROM entries WHERE case_id = $1 AND message IS NOT NULL)
             ORDER BY message, n",
            case_id
        ))
    }

    /// A file's kind and content, once it is kept.
    pub async fn file_content(
        &mut self,
        message: Uuid,
        n: i64,
    ) -> Result<Option<(String, Vec<u8>)>> {
        Ok(one!(
            self,
            (String, Vec<u8>),
            "SELECT kind, content FROM files WHERE message = $1 AND n = $2 AND state = 'kept'",
            message,
            n
        ))
    }
}
