//! Water in and out: one graph of streets and alleys carries a looped supply network and a drain tree to the river.

use std::collections::{BTreeMap, BinaryHeap};

use anyhow::Result;
use geo::{Contains, Geometry, LineString, Point};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::ground::Ground;
use super::land::point;
use super::lots::City;
use super::nearby::Nearby;
use super::shapes::{Place, at, bounds, distance, middle, round, to_segment};
use super::write::Sink;
use crate::generated_row;

/// Where the pipes lie beside the centre lines, metres east and north: the whole network moves, so it stays joined.
const SUPPLY_OFF_M: (f64, f64) = (0.6, 0.5);
const DRAIN_OFF_M: (f64, f64) = (-0.6, -0.5);

/// Shortest pipe from the last manhole to its outfall.
const LEAST_OUTFALL_M: f64 = 1.0;

/// One edge of the street graph.
struct Edge {
    from: usize,
    to: usize,
    line: Vec<Place>,
    way: usize,
}

/// The streets as a graph: its largest connected part.
struct Graph {
    nodes: Vec<Place>,
    edges: Vec<Edge>,
}

fn key(p: Place) -> (i64, i64) {
    ((p.x * 1000.0).round() as i64, (p.y * 1000.0).round() as i64)
}

fn length(line: &[Place]) -> f64 {
    line.windows(2).map(|p| distance(p[0], p[1])).sum()
}

fn graph(ground: &Ground, city: &City) -> Graph {
    // Where another way's end lies on a way, both get that corner.
    let mut ends = Nearby::new(20.0);
    for (w, way) in city.ways.iter().enumerate() {
        for &p in [way.line.first(), way.line.last()].into_iter().flatten() {
            ends.put((p.x, p.y, p.x, p.y), (w, key(p)));
        }
    }
    let mut lines: Vec<Vec<Place>> = vec![];
    let mut uses: BTreeMap<(i64, i64), usize> = BTreeMap::new();
    for (w, way) in city.ways.iter().enumerate() {
        let mut line: Vec<Place> = vec![];
        for pair in way.line.windows(2) {
            line.push(pair[0]);
            let b = bounds(pair);
            let mut on: Vec<(f64, Place)> = ends
                .find((b.0 - 0.1, b.1 - 0.1, b.2 + 0.1, b.3 + 0.1))
                .into_iter()
                .filter(|x| x.0 != w)
                .map(|x| at(x.1.0 as f64 / 1000.0, x.1.1 as f64 / 1000.0))
                .filter(|&p| {
                    to_segment(p, pair[0], pair[1]).0 < 0.02 && key(p) != key(pair[0]) && key(p) != key(pair[1])
                })
                .map(|p| (distance(pair[0], p), p))
                .collect();
            on.sort_by(|a, b| a.0.total_cmp(&b.0));
            on.dedup_by(|a, b| key(a.1) == key(b.1));
            line.extend(on.into_iter().map(|x| x.1));
        }
        line.extend(way.line.last());
        line.dedup_by(|a, b| key(*a) == key(*b));
        for (i, &p) in line.iter().enumerate() {
            *uses.entry(key(p)).or_default() += if i == 0 || i + 1 == line.len() { 2 } else { 1 };
        }
        lines.push(line);
    }
    let is_dry = |p: Place| ground.outline.contains(&Point(p)) && !ground.water.contains(&Point(p));
    let mut ids: BTreeMap<(i64, i64), usize> = BTreeMap::new();
    let mut nodes: Vec<Place> = vec![];
    let mut edges: Vec<Edge> = vec![];
    let mut pairs = std::collections::BTreeSet::new();
    for (w, line) in lines.iter().enumerate() {
        let mut start = 0;
        for i in 1..line.len() {
            if uses[&key(line[i])] < 2 {
                continue;
            }
            let part = line[start..=i].to_vec();
            start = i;
            let middle_of = middle(part[0], part[part.len() - 1]);
            if length(&part) < 0.5 || !part.iter().all(|&p| is_dry(p)) || !is_dry(middle_of) {
                continue;
            }
            let mut id = |p: Place| {
                *ids.entry(key(p)).or_insert_with(|| {
                    nodes.push(p);
                    nodes.len() - 1
                })
            };
            let (from, to) = (id(part[0]), id(part[part.len() - 1]));
            if from != to && pairs.insert((from.min(to), from.max(to))) {
                edges.push(Edge { from, to, line: part, way: w });
            }
        }
    }
    largest(Graph { nodes, edges })
}

fn largest(graph: Graph) -> Graph {
    let mut root: Vec<usize> = (0..graph.nodes.len()).collect();
    fn find(root: &mut [usize], mut i: usize) -> usize {
        while root[i] != i {
            root[i] = root[root[i]];
            i = root[i];
        }
        i
    }
    for edge in &graph.edges {
        let (a, b) = (find(&mut root, edge.from), find(&mut root, edge.to));
        root[a.max(b)] = a.min(b);
    }
    let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
    for edge in &graph.edges {
        *sizes.entry(find(&mut root, edge.from)).or_default() += 1;
    }
    let Some(best) = sizes.iter().max_by_key(|x| (*x.1, usize::MAX - *x.0)).map(|x| *x.0) else {
        return Graph { nodes: vec![], edges: vec![] };
    };
    let mut new_id = BTreeMap::new();
    let mut nodes = vec![];
    let mut edges = vec![];
    for mut edge in graph.edges {
        if find(&mut root, edge.from) != best {
            continue;
        }
        let mut id = |old: usize| {
            *new_id.entry(old).or_insert_with(|| {
                nodes.push(graph.nodes[old]);
                nodes.len() - 1
            })
        };
        edge.from = id(edge.from);
        edge.to = id(edge.to);
        edges.push(edge);
    }
    Graph { nodes, edges }
}

fn moved(p: Place, off: (f64, f64)) -> Place {
    round(at(p.x + off.0, p.y + off.1))
}

/// Splits a line at distances along it: the new corners, put into the line.
fn with_stops(line: &[Place], stops: &[f64]) -> (Vec<Place>, Vec<Place>) {
    let mut out = vec![line[0]];
    let mut found = vec![];
    let mut gone = 0.0;
    let mut next = stops.iter().copied().peekable();
    for pair in line.windows(2) {
        let part = distance(pair[0], pair[1]);
        while let Some(&stop) = next.peek() {
            if stop > gone + part {
                break;
            }
            let t = (stop - gone) / part;
            let p = round(at(pair[0].x + t * (pair[1].x - pair[0].x), pair[0].y + t * (pair[1].y - pair[0].y)));
            out.push(p);
            found.push(p);
            next.next();
        }
        out.push(pair[1]);
        gone += part;
    }
    (out, found)
}

/// Writes supply and drainage.
pub fn write(ground: &Ground, city: &City, index: usize, rng: &mut ChaCha8Rng, sink: &mut dyn Sink) -> Result<()> {
    let graph = graph(ground, city);
    if graph.nodes.is_empty() {
        return Ok(());
    }
    supply(city, &graph, index, rng, sink)?;
    meters(city, &graph, index, rng, sink)?;
    drains(ground, city, &graph, index, sink)
}

fn supply(city: &City, graph: &Graph, index: usize, rng: &mut ChaCha8Rng, sink: &mut dyn Sink) -> Result<()> {
    let mut degree = vec![0; graph.nodes.len()];
    let mut on_main = vec![false; graph.nodes.len()];
    for edge in &graph.edges {
        for n in [edge.from, edge.to] {
            degree[n] += 1;
            on_main[n] |= city.ways[edge.way].class == "truc_chinh" || city.ways[edge.way].class == "lien_khu_vuc";
        }
    }
    let source = (0..graph.nodes.len())
        .filter(|&n| on_main[n])
        .min_by(|&a, &b| graph.nodes[a].x.total_cmp(&graph.nodes[b].x))
        .unwrap_or(0);
    let number = |n: usize| format!("N-{index:02}-{n:05}");
    for (n, &p) in graph.nodes.iter().enumerate() {
        let kind = if n == source {
            "nguon"
        } else if degree[n] == 1 {
            "cuoi"
        } else {
            "noi"
        };
        sink.put(generated_row!("water_node", point(moved(p, SUPPLY_OFF_M)), node_number: number(n), kind: kind,
            name: (n == source).then_some("Điểm đấu nối nguồn (minh họa)"), elevation_m: rng.random_range(15..30) as f64 / 10.0, depth_m: 1.0,
            status: "dang_dung", sector: format!("DMA-{:02}", index + 1)))?;
    }
    let (mut valves, mut hydrants) = (0, 0);
    for (e, edge) in graph.edges.iter().enumerate() {
        let way = &city.ways[edge.way];
        let (kind, diameter, material): (_, i64, _) = match way.class {
            "truc_chinh" => ("truyen_tai", 400, "gang_deo"),
            "lien_khu_vuc" => ("truyen_tai", 300, "gang_deo"),
            "khu_vuc" => ("phan_phoi", 200, "hdpe"),
            _ if way.is_alley => ("phan_phoi", 63, "hdpe"),
            _ => ("phan_phoi", 150, "upvc"),
        };
        let pipe = format!("ON-{index:02}-{e:05}");
        let long = length(&edge.line);
        let mut stops = vec![];
        if long > 12.0 {
            stops.push(1.5);
        }
        let hydrant_stops: Vec<f64> = if way.is_alley || long < 25.0 {
            vec![]
        } else {
            let count = (long / 110.0).ceil();
            (0..count as usize).map(|i| long * (i as f64 + 0.5) / count).collect()
        };
        stops.extend(&hydrant_stops);
        let (line, found) = with_stops(&edge.line, &stops);
        let line: Vec<Place> = line.into_iter().map(|p| moved(p, SUPPLY_OFF_M)).collect();
        let year = rng.random_range(1988..2024_i64);
        sink.put(generated_row!("water_pipe", Some(Geometry::LineString(LineString::new(line))), pipe_number: &pipe, kind: kind, diameter_mm: diameter,
            material: material, year: year, depth_m: 1.0, node_1: number(edge.from), node_2: number(edge.to), length_m: (long * 100.0).round() / 100.0,
            pressure_nominal_bar: 10.0, status: "dang_dung", owner: "Minh họa", sector: format!("DMA-{:02}", index + 1)))?;
        let mut found = found.into_iter().map(|p| moved(p, SUPPLY_OFF_M));
        if long > 12.0
            && let Some(p) = found.next()
        {
            valves += 1;
            sink.put(generated_row!("water_valve", point(p), valve_number: format!("V-{index:02}-{valves:05}"), kind: if diameter >= 300 { "buom" } else { "cong" },
                function: "chan", pipe_number: &pipe, diameter_mm: diameter, closed: false, broken: rng.random_range(0..60) == 0,
                turns_to_close: diameter / 10, depth_m: 0.9, year: year, status: "dang_dung"))?;
        }
        for p in found {
            hydrants += 1;
            sink.put(generated_row!("hydrant", point(p), hydrant_number: format!("TCH-{index:02}-{hydrants:04}"), kind: "tru_noi",
                state: if rng.random_range(0..40) == 0 { "hong" } else { "dang_dung" }, pipe_number: &pipe, outlet_mm: 100_i64, outlets: 3_i64,
                pressure_static_bar: rng.random_range(15..32) as f64 / 10.0, flow_l_s: rng.random_range(10..25) as f64, observed_on: "2026-04-15",
                address: way.name.clone(), managed_by: "Minh họa"))?;
        }
    }
    Ok(())
}

/// One meter a lot, at its front.
fn meters(city: &City, graph: &Graph, index: usize, rng: &mut ChaCha8Rng, sink: &mut dyn Sink) -> Result<()> {
    let mut by_way: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    graph.edges.iter().enumerate().for_each(|(e, edge)| by_way.entry(edge.way).or_default().push(e));
    for (l, lot) in city.lots.iter().enumerate() {
        let Some((way, front)) = lot.front else { continue };
        let reach = |e: &usize| {
            graph.edges[*e].line.windows(2).map(|p| to_segment(front, p[0], p[1]).0).fold(f64::MAX, f64::min)
        };
        let Some(pipe) = by_way.get(&way).and_then(|all| all.iter().min_by(|a, b| reach(a).total_cmp(&reach(b))))
        else {
            continue;
        };
        sink.put(generated_row!("water_meter", point(front), meter_number: format!("DH-{index:02}-{l:06}"), kind: if lot.is_large { "tong" } else { "ho" },
            pipe_number: format!("ON-{index:02}-{pipe:05}"), diameter_mm: if lot.is_large { 50_i64 } else { 15 }, installed_on: format!("{}-03-01", rng.random_range(2010..2026)),
            category: match lot.code { "ODT" => "ho_gia_dinh", "TMD" => "kinh_doanh", _ => "hanh_chinh" }, priority: lot.code == "DYT", status: "dang_dung",
            customer_name: format!("{} khách hàng {index}-{l}", super::persons::MARK)))?;
    }
    Ok(())
}

/// Drains run downhill along the shortest way to an outfall; each manhole's invert lies above the next one's.
fn drains(ground: &Ground, city: &City, graph: &Graph, index: usize, sink: &mut dyn Sink) -> Result<()> {
    let banks: Vec<Place> = ground.water.0.iter().flat_map(|p| p.exterior().0.iter().copied()).collect();
    let bank_of = |p: Place| banks.windows(2).map(|b| to_segment(p, b[0], b[1])).min_by(|a, b| a.0.total_cmp(&b.0));
    let mut order: Vec<(f64, usize, Place)> =
        graph.nodes.iter().enumerate().map(|(n, &p)| bank_of(p).map_or((p.y, n, p), |(d, q)| (d, n, q))).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut outfalls: Vec<(usize, Place)> = vec![];
    for (d, n, q) in order {
        // A node on the bank itself would leave no room for the outfall's pipe.
        if (banks.is_empty() && outfalls.is_empty())
            || (LEAST_OUTFALL_M..120.0).contains(&d)
                && !banks.is_empty()
                && outfalls.iter().all(|o| distance(o.1, q) > 220.0)
        {
            outfalls.push((n, if banks.is_empty() { at(q.x, q.y - 6.0) } else { q }));
        }
    }
    let mut joined: Vec<Vec<usize>> = vec![vec![]; graph.nodes.len()];
    for (e, edge) in graph.edges.iter().enumerate() {
        joined[edge.from].push(e);
        joined[edge.to].push(e);
    }
    // Millimetres from the outfall, so that the heap orders exactly.
    let mut far = vec![i64::MAX; graph.nodes.len()];
    let mut heap = BinaryHeap::new();
    for &(n, q) in &outfalls {
        far[n] = (distance(graph.nodes[n], q) * 1000.0) as i64;
        heap.push((std::cmp::Reverse(far[n]), n));
    }
    while let Some((std::cmp::Reverse(d), n)) = heap.pop() {
        if d > far[n] {
            continue;
        }
        for &e in &joined[n] {
            let edge = &graph.edges[e];
            let other = if edge.from == n { edge.to } else { edge.from };
            let next = d + (length(&edge.line) * 1000.0) as i64;
            if next < far[other] {
                far[other] = next;
                heap.push((std::cmp::Reverse(next), other));
            }
        }
    }
    let invert = |d: i64| ((-1.2 + d as f64 / 1000.0 * 0.0012) * 1000.0).round() / 1000.0;
    let number = |n: usize| format!("HG-{index:02}-{n:05}");
    let mut put_node = |id: String, kind: &str, p: Place, d: i64| {
        let ground_level = 1.9;
        sink_node(sink, id, kind, p, invert(d), ground_level)
    };
    for (n, &p) in graph.nodes.iter().enumerate() {
        put_node(number(n), "ho_ga", p, far[n].min(4_000_000))?;
    }
    for (o, &(_, q)) in outfalls.iter().enumerate() {
        put_node(format!("CX-{index:02}-{o:03}"), "cua_xa", q, 0)?;
    }
    let mut pipes = 0;
    let mut extra = 0;
    for edge in &graph.edges {
        let is_down = far[edge.from] >= far[edge.to];
        let mut line = edge.line.clone();
        let (from, to) = if is_down { (edge.from, edge.to) } else { (edge.to, edge.from) };
        if !is_down {
            line.reverse();
        }
        let long = length(&line);
        let steps = (long / 40.0).ceil().max(1.0) as usize;
        let stops: Vec<f64> = (1..steps).map(|i| long * i as f64 / steps as f64).collect();
        let (full, found) = with_stops(&line, &stops);
        let mut ids = vec![number(from)];
        let (high, low) = (far[from].min(4_000_000), far[to].min(4_000_000));
        let at_step = |i: usize| high - (high - low) * i as i64 / steps as i64;
        for (i, &p) in found.iter().enumerate() {
            extra += 1;
            let id = format!("HT-{index:02}-{extra:05}");
            sink_node(sink, id.clone(), "ho_thu", p, invert(at_step(i + 1)), 1.9)?;
            ids.push(id);
        }
        ids.push(number(to));
        let mut begin = 0;
        for i in 0..steps {
            let end = if i + 1 == steps {
                full.len() - 1
            } else {
                full.iter().position(|p| *p == found[i]).unwrap_or(full.len() - 1)
            };
            pipes += 1;
            let diameter = match city.ways[edge.way].class {
                "truc_chinh" | "lien_khu_vuc" => 1000,
                "khu_vuc" => 800,
                _ if city.ways[edge.way].is_alley => 300,
                _ => 600,
            };
            let shape = full[begin..=end].to_vec();
            put_pipe(
                sink,
                format!("CO-{index:02}-{pipes:05}"),
                shape,
                diameter,
                (invert(at_step(i)), invert(at_step(i + 1))),
                (&ids[i], &ids[i + 1]),
            )?;
            begin = end;
        }
    }
    for (o, &(n, q)) in outfalls.iter().enumerate() {
        pipes += 1;
        put_pipe(
            sink,
            format!("CO-{index:02}-{pipes:05}"),
            vec![graph.nodes[n], q],
            1200,
            (invert(far[n]), invert(0)),
            (&number(n), &format!("CX-{index:02}-{o:03}")),
        )?;
    }
    Ok(())
}

fn sink_node(sink: &mut dyn Sink, id: String, kind: &str, p: Place, invert_m: f64, ground_level_m: f64) -> Result<()> {
    sink.put(generated_row!("drain_node", point(moved(p, DRAIN_OFF_M)), node_number: id, kind: kind, system: "chung", ground_level_m: ground_level_m,
        invert_m: invert_m, depth_m: ground_level_m - invert_m, status: "dang_dung"))
}

fn put_pipe(
    sink: &mut dyn Sink,
    id: String,
    line: Vec<Place>,
    diameter: i64,
    inverts: (f64, f64),
    nodes: (&String, &String),
) -> Result<()> {
    let long = length(&line);
    let line = line.into_iter().map(|p| moved(p, DRAIN_OFF_M)).collect();
    sink.put(generated_row!("drain_pipe", Some(Geometry::LineString(LineString::new(line))), pipe_number: id, system: "chung", section: "tron",
        diameter_mm: diameter, material: "be_tong", invert_start_m: inverts.0, invert_end_m: inverts.1,
        slope_pct: (inverts.0 - inverts.1) / long.max(0.1) * 100.0, node_1: nodes.0, node_2: nodes.1, length_m: (long * 100.0).round() / 100.0,
        year: 2004_i64, status: "dang_dung"))
}
