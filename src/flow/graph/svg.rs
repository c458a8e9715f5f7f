//! A picture as SVG: readable on a screen and on paper, in colour and without, by eye and by ear.

use std::fmt::Write as _;

use super::layout::{Layout, Place, lay};
use super::{Part, Picture, Shape};

/// The widest a line of text gets.
const LINE: f64 = 216.0;
/// The widest line of an arrow's label.
const LABEL_LINE: f64 = 130.0;
const BODY: f64 = 14.0;
const SMALL: f64 = 12.0;
const LEADING: f64 = 1.3;
const PAD: f64 = 12.0;
/// A diamond is this much wider than its words.
const SLANT: f64 = 1.7;

/// What is drawn, and where.
struct Drawn {
    boxes: Vec<Box>,
    labels: Vec<Label>,
    layout: Layout,
}

fn lay_out(picture: &Picture) -> Drawn {
    let boxes: Vec<Box> = picture.parts.iter().map(Box::new).collect();
    let sizes: Vec<Place> = boxes.iter().map(|b| (b.width, b.height)).collect();
    let slim: Vec<bool> = boxes.iter().map(|b| b.shape == Shape::Branch).collect();
    let labels: Vec<Label> = picture
        .arrows
        .iter()
        .map(|a| Label::new(&a.labels))
        .collect();
    let wanted: Vec<(usize, usize, Place)> = picture
        .arrows
        .iter()
        .zip(&labels)
        .map(|(a, l)| (a.from, a.to, (l.width, l.height)))
        .collect();
    let layout = lay(&sizes, &slim, &wanted);
    Drawn {
        boxes,
        labels,
        layout,
    }
}

/// The picture as one SVG file.
pub(super) fn draw(picture: &Picture) -> String {
    let Drawn {
        boxes,
        labels,
        layout,
    } = lay_out(picture);
    let mut out = String::new();
    let head = head(&mut out, picture, &layout);
    // Writing to a String cannot fail.
    let _ = writeln!(out, "<g transform=\"translate(0 {head:.0})\">");
    for arrow in &layout.arrows {
        let _ = writeln!(
            out,
            "<path d=\"{}\" fill=\"none\" stroke=\"#505a5f\" stroke-width=\"1.5\" marker-end=\"url(#tip)\"/>",
            path(arrow)
        );
    }
    for (label, place) in labels.iter().zip(&layout.labels) {
        label.draw(&mut out, *place);
    }
    for (drawn, place) in boxes.iter().zip(&layout.boxes) {
        drawn.draw(&mut out, *place);
    }
    out.push_str("</g>\n</svg>\n");
    out
}

/// The title and what holds everywhere. Gives the height it takes.
fn head(out: &mut String, picture: &Picture, layout: &Layout) -> f64 {
    let width = layout.width.max(460.0);
    let remark = wrap(picture.remark, width.min(1000.0) - 2.0 * PAD, SMALL);
    let top = 64.0 + SMALL * LEADING * count(remark.len());
    let height = layout.height + top;
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\" aria-labelledby=\"title desc\" \
         font-family=\"Arial, Helvetica, 'Liberation Sans', 'DejaVu Sans', sans-serif\" fill=\"#0b0c0c\">"
    );
    let _ = writeln!(
        out,
        "<title id=\"title\">{}</title>",
        escaped(&picture.title)
    );
    let _ = writeln!(
        out,
        "<desc id=\"desc\">{}</desc>",
        escaped(&described(picture))
    );
    out.push_str(
        "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" \
         orient=\"auto\"><path d=\"M0 0 8 4 0 8z\" fill=\"#505a5f\"/></marker></defs>\n",
    );
    let _ = writeln!(
        out,
        "<rect width=\"{width:.0}\" height=\"{height:.0}\" fill=\"#ffffff\"/>"
    );
    line(
        out,
        (PAD, 30.0),
        20.0,
        "font-weight=\"bold\"",
        &picture.title,
    );
    line(out, (PAD, 50.0), SMALL, "fill=\"#505a5f\"", &picture.about);
    for (at, text) in remark.iter().enumerate() {
        let y = 68.0 + SMALL * LEADING * count(at);
        line(out, (PAD, y), SMALL, "fill=\"#505a5f\"", text);
    }
    top
}

/// The whole picture as text, for whoever hears it instead.
fn described(picture: &Picture) -> String {
    let mut all = String::from(picture.remark);
    for (at, part) in picture.parts.iter().enumerate() {
        let _ = write!(all, "\n{}. {}", at + 1, part.words.join(" "));
        for note in &part.notes {
            let _ = write!(all, " {note}.");
        }
        for arrow in picture.arrows.iter().filter(|a| a.from == at) {
            let to = arrow.to + 1;
            if arrow.labels.is_empty() {
                let _ = write!(all, " → {to}");
            } else {
                let _ = write!(all, " {} → {to}", arrow.labels.join(" / "));
            }
        }
    }
    all
}

/// One box with its text in lines.
struct Box {
    shape: Shape,
    name: String,
    body: Vec<String>,
    notes: Vec<String>,
    width: f64,
    height: f64,
}

impl Box {
    fn new(part: &Part) -> Self {
        let narrow = matches!(part.shape, Shape::Branch);
        let line = if narrow { LABEL_LINE } else { LINE };
        let lines = |texts: &[String], size: f64| -> Vec<String> {
            texts.iter().flat_map(|t| wrap(t, line, size)).collect()
        };
        let body = lines(&part.words, BODY);
        let notes = lines(&part.notes, SMALL);
        let name = if matches!(part.shape, Shape::Start | Shape::End | Shape::Branch) {
            String::new()
        } else {
            part.name.clone()
        };
        let widest =
            |lines: &[String], size| lines.iter().map(|l| wide(l, size)).fold(0.0, f64::max);
        let inner = widest(&body, BODY)
            .max(widest(&notes, SMALL))
            .max(wide(&name, SMALL));
        let named = if name.is_empty() {
            0.0
        } else {
            SMALL * LEADING + 2.0
        };
        let noted = SMALL * LEADING * count(notes.len()) + if notes.is_empty() { 0.0 } else { 6.0 };
        let text = named + BODY * LEADING * count(body.len()) + noted;
        let (width, height) = if narrow {
            // Words fit a diamond where width and height together fill it.
            let fill = 1.0 - 1.0 / SLANT;
            ((inner + 8.0) * SLANT, text / fill + 6.0)
        } else {
            (inner + 2.0 * PAD, text + 2.0 * PAD - 4.0)
        };
        Self {
            shape: part.shape,
            name,
            body,
            notes,
            width: width.max(60.0),
            height,
        }
    }

    fn draw(&self, out: &mut String, (x, y): Place) {
        let (left, top) = (x - self.width / 2.0, y - self.height / 2.0);
        self.outline(out, (left, top));
        let centred = matches!(self.shape, Shape::Start | Shape::End | Shape::Branch);
        let lines = BODY * LEADING * count(self.body.len());
        let start = if centred {
            y - lines / 2.0
        } else {
            top + PAD - 3.0
        };
        let fill = if self.shape == Shape::Start {
            "fill=\"#ffffff\""
        } else {
            ""
        };
        let mut at = start;
        if !self.name.is_empty() {
            at += SMALL * LEADING;
            line(
                out,
                (left + PAD, at - 3.0),
                SMALL,
                "fill=\"#505a5f\"",
                &self.name,
            );
            at += 2.0;
        }
        for text in &self.body {
            at += BODY * LEADING;
            if centred {
                let style = format!("text-anchor=\"middle\" {fill}");
                line(out, (x, at - 5.0), BODY, &style, text);
            } else {
                line(out, (left + PAD, at - 4.0), BODY, fill, text);
            }
        }
        at += 6.0;
        for text in &self.notes {
            at += SMALL * LEADING;
            line(
                out,
                (left + PAD, at - 4.0),
                SMALL,
                "fill=\"#383f43\" font-style=\"italic\"",
                text,
            );
        }
    }

    fn outline(&self, out: &mut String, (left, top): Place) {
        let (width, height) = (self.width, self.height);
        let (fill, stroke, radius) = match self.shape {
            Shape::Start => ("#0b0c0c", "#0b0c0c", 16.0),
            Shape::End => ("#f3f2f1", "#0b0c0c", 16.0),
            Shape::Question => ("#e8f1fb", "#1d70b8", 14.0),
            Shape::Said => ("#ffffff", "#505a5f", 2.0),
            Shape::Done => ("#eaf5ee", "#00703c", 2.0),
            Shape::Flow => ("#f0edf7", "#4c2c92", 2.0),
            Shape::Person => ("#fff1e0", "#b45309", 2.0),
            Shape::Branch => {
                let (x, y) = (left + width / 2.0, top + height / 2.0);
                let (right, bottom) = (left + width, top + height);
                let _ = writeln!(
                    out,
                    "<path d=\"M{x:.1} {top:.1} {right:.1} {y:.1} {x:.1} {bottom:.1} {left:.1} {y:.1}z\" \
                     fill=\"#fff9d6\" stroke=\"#806a00\" stroke-width=\"1.5\"/>"
                );
                return;
            }
        };
        let _ = writeln!(
            out,
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{radius}\" \
             fill=\"{fill}\" stroke=\"{stroke}\" stroke-width=\"1.5\"/>"
        );
        // Shapes are told apart without colour: what is done has a bar, another flow has two.
        let bars: &[f64] = match self.shape {
            Shape::Done => &[4.0],
            Shape::Flow | Shape::Person => &[4.0, width - 4.0],
            _ => &[],
        };
        for bar in bars {
            let x = left + bar;
            let _ = writeln!(
                out,
                "<path d=\"M{x:.1} {top:.1}v{height:.1}\" stroke=\"{stroke}\" stroke-width=\"1.5\"/>"
            );
        }
    }
}

/// What stands on an arrow.
struct Label {
    lines: Vec<String>,
    width: f64,
    height: f64,
}

impl Label {
    fn new(labels: &[String]) -> Self {
        let lines: Vec<String> = labels
            .iter()
            .flat_map(|l| wrap(l, LABEL_LINE, SMALL))
            .collect();
        let width = lines.iter().map(|l| wide(l, SMALL)).fold(0.0, f64::max);
        let height = SMALL * LEADING * count(lines.len());
        let some = !lines.is_empty();
        Self {
            lines,
            width: if some { width + 10.0 } else { 0.0 },
            height: if some { height + 4.0 } else { 0.0 },
        }
    }

    fn draw(&self, out: &mut String, (x, y): Place) {
        if self.lines.is_empty() {
            return;
        }
        let (left, top) = (x - self.width / 2.0, y - self.height / 2.0);
        let _ = writeln!(
            out,
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"3\" fill=\"#ffffff\"/>",
            self.width, self.height
        );
        for (at, text) in self.lines.iter().enumerate() {
            let y = top + SMALL * LEADING * (count(at) + 1.0) - 2.0;
            line(
                out,
                (x, y),
                SMALL,
                "text-anchor=\"middle\" font-weight=\"bold\"",
                text,
            );
        }
    }
}

fn line(out: &mut String, (x, y): Place, size: f64, style: &str, text: &str) {
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" {style}>{}</text>",
        escaped(text)
    );
}

/// An arrow through its corners: upright beside boxes, a soft bend between layers.
fn path(corners: &[Place]) -> String {
    let mut out = String::new();
    let mut before: Option<Place> = None;
    for (x, y) in corners {
        match before {
            None => {
                let _ = write!(out, "M{x:.1} {y:.1}");
            }
            Some((bx, by)) if (bx - x).abs() < 0.5 => {
                if (by - y).abs() > 0.05 {
                    let _ = write!(out, "V{y:.1}");
                }
            }
            Some((bx, by)) => {
                let half = f64::midpoint(by, *y);
                let _ = write!(out, "C{bx:.1} {half:.1} {x:.1} {half:.1} {x:.1} {y:.1}");
            }
        }
        before = Some((*x, *y));
    }
    out
}

/// Lines of at most `width`; a word that is longer than a line is cut.
fn wrap(text: &str, width: f64, size: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split([' ', '\n']).filter(|word| !word.is_empty()) {
        let mut word = word.to_owned();
        loop {
            let longer = if line.is_empty() {
                word.clone()
            } else {
                format!("{line} {word}")
            };
            if wide(&longer, size) <= width {
                line = longer;
                break;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                continue;
            }
            let mut cut = String::new();
            for c in word.chars() {
                cut.push(c);
                if wide(&cut, size) > width {
                    break;
                }
            }
            word = word.split_off(cut.len());
            lines.push(cut);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// How wide a text is at most, in the wider of the fonts that are asked for.
fn wide(text: &str, size: f64) -> f64 {
    let ems = text.chars().map(|c| match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' | '\u{a0}' => 0.33,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '-' | '/' => 0.42,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '—' | '…' => 0.98,
        'A'..='Z' => 0.72,
        c if u32::from(c) >= 0x2e80 => 1.1,
        _ => 0.63,
    });
    ems.sum::<f64>() * size
}

fn count(n: usize) -> f64 {
    u32::try_from(n).map_or(0.0, f64::from)
}

/// Text as XML holds it; what XML cannot hold at all becomes a space.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push('\n'),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// What covers what, in a picture where nothing should.
#[cfg(test)]
pub(super) fn overlaps(picture: &Picture) -> Vec<String> {
    let Drawn {
        boxes,
        labels,
        layout,
    } = lay_out(picture);
    let mut things: Vec<(String, Place, Place)> = Vec::new();
    for (part, (drawn, place)) in picture.parts.iter().zip(boxes.iter().zip(&layout.boxes)) {
        things.push((part.words.join(" "), *place, (drawn.width, drawn.height)));
    }
    let parts = things.len();
    for (label, place) in labels.iter().zip(&layout.labels) {
        if !label.lines.is_empty() {
            things.push((label.lines.join(" "), *place, (label.width, label.height)));
        }
    }
    let mut found = Vec::new();
    for (at, (one, (x, y), (w, h))) in things.iter().enumerate() {
        for (other, (x2, y2), (w2, h2)) in &things[at + 1..] {
            if (x - x2).abs() * 2.0 < w + w2 - 1.0 && (y - y2).abs() * 2.0 < h + h2 - 1.0 {
                found.push(format!("{one} / {other}"));
            }
        }
    }
    for (arrow, corners) in picture.arrows.iter().zip(&layout.arrows) {
        for (at, (name, (x, y), (w, h))) in things[..parts].iter().enumerate() {
            let ends = at == arrow.from || at == arrow.to;
            let through = corners.windows(2).any(|pair| match pair {
                [(ax, ay), (bx, by)] => {
                    let upright = (ax - bx).abs() < 0.5 && (ax - x).abs() * 2.0 < w - 1.0;
                    let (top, bottom) = (ay.min(*by), ay.max(*by));
                    upright && top < y + h / 2.0 - 1.0 && bottom > y - h / 2.0 + 1.0
                }
                _ => false,
            });
            if through && !ends {
                found.push(format!("an arrow through {name}"));
            }
        }
    }
    found
}
