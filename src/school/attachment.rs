//! Files that parents send: which are kept, and how staff are shown them.
//!
//! What a file is, its content says; a name or a provider may say anything. Kept are photos,
//! recordings, films, PDF and text documents. Never HTML or SVG: they run in a browser.

/// How a page shows a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// In the page, as a picture.
    Picture,
    /// In the page, to listen to.
    Sound,
    /// A link that saves it.
    Saved,
}

/// A kind of file that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileKind {
    /// Its media type, as it is served.
    pub mime: &'static str,
    /// The end of the name it is saved by.
    pub extension: &'static str,
    /// How it is shown.
    pub shown: Shown,
}

const KINDS: &[FileKind] = {
    use Shown::{Picture, Saved, Sound};
    const fn kind(mime: &'static str, extension: &'static str, shown: Shown) -> FileKind {
        FileKind {
            mime,
            extension,
            shown,
        }
    }
    &[
        kind("image/jpeg", "jpg", Picture),
        kind("image/png", "png", Picture),
        kind("image/gif", "gif", Picture),
        kind("image/webp", "webp", Picture),
        // A photo of an iPhone, which only Safari shows.
        kind("image/heif", "heic", Saved),
        kind("audio/mpeg", "mp3", Sound),
        kind("audio/ogg", "ogg", Sound),
        kind("audio/m4a", "m4a", Sound),
        kind("audio/aac", "aac", Sound),
        kind("audio/x-wav", "wav", Sound),
        // A voice note of an old phone, which no browser plays.
        kind("audio/amr", "amr", Saved),
        kind("video/mp4", "mp4", Saved),
        kind("video/webm", "webm", Saved),
        kind("video/quicktime", "mov", Saved),
        kind("application/pdf", "pdf", Saved),
        kind("application/msword", "doc", Saved),
        kind(
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "docx",
            Saved,
        ),
        kind("application/vnd.oasis.opendocument.text", "odt", Saved),
    ]
};

impl FileKind {
    /// What a file is by its content; `None` where such files are not kept.
    pub fn of(content: &[u8]) -> Option<Self> {
        Self::named(infer::get(content)?.mime_type())
    }

    /// A kind by its media type, as the database has it.
    pub fn named(mime: &str) -> Option<Self> {
        KINDS.iter().find(|kind| kind.mime == mime).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_content_says_and_what_could_run_is_not_kept() {
        let kept: [(&[u8], &str); 8] = [
            (b"\xFF\xD8\xFF\xE0\x00\x10JFIF", "image/jpeg"),
            (b"\x89PNG\r\n\x1A\n\x00\x00", "image/png"),
            (b"GIF89a\x01\x00", "image/gif"),
            (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp"),
            (b"OggS\x00\x02\x00\x00\x00\x00", "audio/ogg"),
            (b"#!AMR\n\x3C\x91\x17\x16\xBE\x66\x79\xE1", "audio/amr"),
            (b"%PDF-1.7\n%\xE2\xE3", "application/pdf"),
            (b"ID3\x03\x00\x00\x00\x00", "audio/mpeg"),
        ];
        for (content, mime) in kept {
            assert_eq!(FileKind::of(content).map(|k| k.mime), Some(mime));
        }
        let not: [&[u8]; 8] = [
            b"",
            b"<!DOCTYPE html><script>alert(1)</script>",
            b"<html><body>hello",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>",
            b"<?xml version=\"1.0\"?><svg/>",
            b"MZ\x90\x00\x03\x00\x00\x00",
            b"#!/bin/sh\nrm -rf /",
            b"just words",
        ];
        for content in not {
            assert_eq!(
                FileKind::of(content),
                None,
                "{}",
                String::from_utf8_lossy(content)
            );
        }
    }
}
