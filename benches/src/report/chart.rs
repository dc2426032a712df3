//! A plain bar chart as SVG.

use std::fmt::Write;

/// A bar; 1 reaches to the limit.
#[derive(Debug)]
pub(crate) struct Bar {
    pub(crate) label: String,
    pub(crate) value: f64,
}

const ROW: usize = 22;
const LABELS: usize = 380;
const BARS: usize = 420;
const MARGIN: usize = 30;

/// Draws the bars below each other. What is faster than its limit ends at the edge.
pub(crate) fn draw(bars: &[Bar]) -> String {
    let (width, height) = (LABELS + BARS + 80, MARGIN * 2 + ROW * bars.len());
    let mut svg = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"{LABELS}\" y=\"18\">answers per second, as a part of the limit</text>\n"
    );
    for part in 0..=4 {
        let x = LABELS + BARS * part / 4;
        let bottom = height - MARGIN;
        let _ = writeln!(
            svg,
            "<line x1=\"{x}\" y1=\"{MARGIN}\" x2=\"{x}\" y2=\"{bottom}\" stroke=\"#ccc\"/>\
             <text x=\"{x}\" y=\"{}\" text-anchor=\"middle\" fill=\"#666\">{}</text>",
            bottom + 16,
            part as f64 / 4.0
        );
    }
    for (place, bar) in bars.iter().enumerate() {
        let y = MARGIN + ROW * place;
        let length = bar.value.clamp(0.0, 1.0) * BARS as f64;
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\
             <rect x=\"{LABELS}\" y=\"{}\" width=\"{length:.1}\" height=\"{}\" fill=\"#36c\"/>\
             <text x=\"{:.1}\" y=\"{}\">{:.3}</text>",
            LABELS - 8,
            y + 15,
            escaped(&bar.label),
            y + 3,
            ROW - 6,
            LABELS as f64 + length + 6.0,
            y + 15,
            bar.value
        );
    }
    svg.push_str("</svg>\n");
    svg
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_part_of_the_limit_and_its_label_is_text() {
        let svg = draw(&[Bar { label: "a < b".into(), value: 0.5 }, Bar { label: "c".into(), value: 3.0 }]);
        assert!(svg.contains("a &lt; b") && svg.contains("width=\"210.0\""), "{svg}");
        assert!(svg.contains("width=\"420.0\"") && svg.contains(">3.000<"), "{svg}");
    }
}
