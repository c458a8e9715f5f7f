//! Where boxes and arrows stand: dagre's layered layout, and arrows that keep clear of boxes.

use dagre::graph::{Graph, GraphOptions};
use dagre::{EdgeLabel, LayoutOptions, NodeLabel};

/// A place, in the picture's units.
pub(super) type Place = (f64, f64);

/// Everything's place. Boxes and labels by their middle.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) boxes: Vec<Place>,
    pub(super) labels: Vec<Place>,
    /// The corners of each arrow, from where it leaves to where it arrives.
    pub(super) arrows: Vec<Vec<Place>>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// An arrow before it has a place: from, to, and the size of its label.
pub(super) type Wanted = (usize, usize, Place);

/// Lays out boxes of these sizes. `slim` boxes are diamonds: arrows leave and arrive at their points.
pub(super) fn lay(sizes: &[Place], slim: &[bool], arrows: &[Wanted]) -> Layout {
    let mut graph: Graph<NodeLabel, EdgeLabel> = Graph::with_options(GraphOptions {
        directed: true,
        multigraph: true,
        compound: true,
    });
    for (at, (width, height)) in sizes.iter().enumerate() {
        let node = NodeLabel {
            width: *width,
            height: *height,
            ..NodeLabel::default()
        };
        graph.set_node(name(at), Some(node));
    }
    for (from, to, (width, height)) in arrows {
        let edge = EdgeLabel {
            width: *width,
            height: *height,
            ..EdgeLabel::default()
        };
        graph.set_edge(name(*from), name(*to), Some(edge), None);
    }
    let options = LayoutOptions {
        nodesep: 26.0,
        edgesep: 18.0,
        ranksep: 60.0,
        marginx: 12.0,
        marginy: 12.0,
        ..LayoutOptions::default()
    };
    dagre::layout(&mut graph, Some(options));
    let boxes = (0..sizes.len()).map(|at| {
        let node = graph.node(&name(at));
        node.map_or((0.0, 0.0), |n| (n.x.unwrap_or(0.0), n.y.unwrap_or(0.0)))
    });
    let boxes: Vec<Place> = boxes.collect();
    let mut labels = Vec::new();
    let mut middles = Vec::new();
    for (from, to, _) in arrows {
        let edge = graph.edge(&name(*from), &name(*to), None);
        labels.push(edge.map_or((0.0, 0.0), |e| (e.x.unwrap_or(0.0), e.y.unwrap_or(0.0))));
        let points = edge.map(|e| e.points.as_slice()).unwrap_or_default();
        let inner = points.get(1..points.len().saturating_sub(1));
        let inner = inner.unwrap_or_default().iter().map(|p| (p.x, p.y));
        middles.push(inner.collect::<Vec<Place>>());
    }
    let bands = Bands::new(&boxes, sizes, &labels, arrows);
    let mut all = Vec::new();
    for (at, (from, to, _)) in arrows.iter().enumerate() {
        let middle = &middles[at];
        let start = port(
            *from,
            &boxes,
            sizes,
            slim,
            &ends(*from, arrows, &middles, &boxes),
            (at, true),
        );
        let end = port(
            *to,
            &boxes,
            sizes,
            slim,
            &ends(*to, arrows, &middles, &boxes),
            (at, false),
        );
        all.push(bands.corners(boxes[*from].1, start, middle, end, boxes[*to].1));
    }
    let bottom = boxes.iter().zip(sizes).map(|((_, y), (_, h))| y + h / 2.0);
    let mut layout = Layout {
        width: 0.0,
        height: bottom.fold(0.0, f64::max) + MARGIN,
        boxes,
        labels,
        arrows: all,
    };
    layout.settle(sizes, arrows);
    layout
}

/// What stays free around the picture.
const MARGIN: f64 = 12.0;

impl Layout {
    /// First answers to the left, where most of them are to the right; then nothing outside.
    fn settle(&mut self, sizes: &[Place], arrows: &[Wanted]) {
        if self.is_mirrored(arrows) {
            self.move_across(|x| -x);
        }
        let boxes = self
            .boxes
            .iter()
            .zip(sizes)
            .map(|((x, _), (w, _))| (*x, w / 2.0));
        let labels = self.labels.iter().zip(arrows);
        let labels = labels.map(|((x, _), (_, _, (w, _)))| (*x, w / 2.0));
        let bends = self.arrows.iter().flatten().map(|(x, _)| (*x, 1.0));
        let (mut left, mut right) = (f64::MAX, f64::MIN);
        for (x, half) in boxes.chain(labels).chain(bends) {
            left = left.min(x - half);
            right = right.max(x + half);
        }
        self.move_across(|x| x - left + MARGIN);
        self.width = right - left + 2.0 * MARGIN;
    }

    fn is_mirrored(&self, arrows: &[Wanted]) -> bool {
        let (mut right, mut left) = (0, 0);
        for pair in arrows.windows(2) {
            if let [(from, one, _), (same, other, _)] = pair
                && from == same
            {
                let further = self.boxes[*one].0 < self.boxes[*other].0;
                *(if further { &mut right } else { &mut left }) += 1;
            }
        }
        left > right
    }

    fn move_across(&mut self, to: impl Fn(f64) -> f64) {
        let corners = self.arrows.iter_mut().flatten();
        for (x, _) in self.boxes.iter_mut().chain(&mut self.labels).chain(corners) {
            *x = to(*x);
        }
    }
}

fn name(at: usize) -> String {
    at.to_string()
}

/// The ends of arrows at one box: which arrow, whether it leaves, and where it comes from or goes.
fn ends(
    at: usize,
    arrows: &[Wanted],
    middles: &[Vec<Place>],
    boxes: &[Place],
) -> Vec<(usize, bool, Place)> {
    let mut all = Vec::new();
    for (arrow, (from, to, _)) in arrows.iter().enumerate() {
        if *from == at {
            let next = middles[arrow].first().copied().unwrap_or(boxes[*to]);
            all.push((arrow, true, next));
        }
        if *to == at {
            let before = middles[arrow].last().copied().unwrap_or(boxes[*from]);
            all.push((arrow, false, before));
        }
    }
    all
}

/// Where an arrow touches its box: at the top or the bottom, in the order of where it leads, so
/// that arrows of one box do not cross beside it.
fn port(
    at: usize,
    boxes: &[Place],
    sizes: &[Place],
    slim: &[bool],
    ends: &[(usize, bool, Place)],
    (arrow, leaves): (usize, bool),
) -> Place {
    let ((x, y), (width, height)) = (boxes[at], sizes[at]);
    let below = |p: &Place| p.1 > y;
    let ours = ends.iter().find(|e| e.0 == arrow && e.1 == leaves);
    let down = ours.is_some_and(|(_, _, p)| below(p));
    let mut side: Vec<_> = ends.iter().filter(|(_, _, p)| below(p) == down).collect();
    side.sort_by(|a, b| a.2.0.total_cmp(&b.2.0));
    let place = side.iter().position(|e| e.0 == arrow && e.1 == leaves);
    let share = (count(place.unwrap_or(0)) + 1.0) / (count(side.len()) + 1.0) - 0.5;
    let across = if slim[at] { 0.5 } else { 0.9 } * share;
    // The edge of a diamond falls away from its point.
    let drop = if slim[at] { height * across.abs() } else { 0.0 };
    let half = height / 2.0 - drop;
    (x + width * across, if down { y + half } else { y - half })
}

fn count(n: usize) -> f64 {
    u32::try_from(n).map_or(0.0, f64::from)
}

/// The layers of the layout, each from top to bottom. Arrows pass a layer upright, so that they
/// keep clear of boxes that are taller than others of the layer.
struct Bands(Vec<(f64, f64)>);

impl Bands {
    fn new(boxes: &[Place], sizes: &[Place], labels: &[Place], arrows: &[Wanted]) -> Self {
        let of_boxes = boxes.iter().zip(sizes).map(|((_, y), (_, h))| (*y, *h));
        let of_labels = labels
            .iter()
            .zip(arrows)
            .map(|((_, y), (_, _, (_, h)))| (*y, *h));
        let mut bands: Vec<(f64, f64, f64)> = Vec::new();
        for (y, height) in of_boxes.chain(of_labels) {
            let half = height / 2.0;
            match bands
                .iter_mut()
                .find(|(middle, _, _)| (*middle - y).abs() < 1.0)
            {
                Some((_, top, bottom)) => {
                    *top = top.min(y - half);
                    *bottom = bottom.max(y + half);
                }
                None => bands.push((y, y - half, y + half)),
            }
        }
        Self(bands.into_iter().map(|(_, t, b)| (t, b)).collect())
    }

    /// The layer at a height.
    fn at(&self, y: f64) -> (f64, f64) {
        let inside = |(top, bottom): &&(f64, f64)| *top <= y && y <= *bottom;
        self.0.iter().find(inside).copied().unwrap_or((y, y))
    }

    fn corners(
        &self,
        from: f64,
        start: Place,
        middle: &[Place],
        end: Place,
        to: f64,
    ) -> Vec<Place> {
        let mut all = vec![start];
        let (top, bottom) = self.at(from);
        all.push((start.0, if start.1 > from { bottom } else { top }));
        for (x, y) in middle {
            let (top, bottom) = self.at(*y);
            let down = all.last().is_none_or(|last| last.1 <= *y);
            all.push((*x, if down { top } else { bottom }));
            all.push((*x, if down { bottom } else { top }));
        }
        let (top, bottom) = self.at(to);
        all.push((end.0, if end.1 > to { bottom } else { top }));
        all.push(end);
        all
    }
}
