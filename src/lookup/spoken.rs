//! Which plan speaks for which part of a plot: the most detailed one in force for what it covers, the next for the rest.

use dothi_import::geometry::areas;
use geo::MultiPolygon;

use super::{
    accuracy,
    answer::{Plan, Zone},
    plane::Plane,
    sentence::is_in_force,
};

/// From this share on a plan speaks for all of a plot: borders of plots and of plans are drawn apart.
const ALL: f64 = 0.98;

/// Says of each zone for how much of the plot it speaks, and gives what is left: the square metres for which no plan in force
/// does. `zones` are in the order of what counts more, each with what it shares with the plot; `taken` is what red lines take
/// for roads, where plans often draw no zone.
pub fn divide(
    zones: &mut [(Zone, MultiPolygon<f64>)],
    plot: &MultiPolygon<f64>,
    taken: &[MultiPolygon<f64>],
    plane: Plane,
) -> Option<f64> {
    let whole = plane.area(plot);
    let (mut rest, mut uncovered) = (plot.clone(), whole);
    let mut spoken: Vec<(Option<uuid::Uuid>, String)> = Vec::new();
    loop {
        let next = zones.iter().map(|(zone, _)| zone).find(|zone| counts(zone) && !spoken.contains(&key(zone)));
        let Some((group, exact_m)) = next.map(|zone| (key(zone), exact_m(zone.plan.as_ref()))) else { break };
        let is_first = spoken.is_empty();
        let of_group = |zone: &Zone| counts(zone) && key(zone) == group;
        // As nearly always: nothing has to be cut to know it.
        let share: f64 = zones.iter().filter(|(zone, _)| of_group(zone)).filter_map(|(zone, _)| zone.share).sum();
        if is_first && share >= ALL {
            for (zone, _) in zones.iter_mut().filter(|(zone, _)| of_group(zone)) {
                zone.speaks_m2 = zone.area_m2;
            }
            return None;
        }
        let mut left = rest.clone();
        for (zone, shared) in zones.iter_mut().filter(|(zone, _)| of_group(zone)) {
            let part = if is_first { shared.clone() } else { without(shared, &without(shared, &rest)) };
            let area = plane.area(&part);
            // What lies between two plans is thinner than they are exact, and no word on the ground.
            if is_first || accuracy::thickness(&part) > exact_m {
                zone.speaks_m2 = (area > 0.01).then_some(area);
            }
            left = without(&left, shared);
        }
        rest = left;
        spoken.push(group);
        let silent = taken.iter().fold(rest.clone(), |silent, taken| without(&silent, taken));
        uncovered = plane.area(&silent);
        if uncovered <= (1.0 - ALL) * whole || accuracy::thickness(&silent) <= exact_m {
            return None;
        }
    }
    // Where no plan says anything at all, the answer says so in its own words.
    (!spoken.is_empty() && uncovered > 0.05).then_some(uncovered)
}

/// What is left of an area. Where that cannot be said, all of it is: what is not known to be covered is not told as covered.
fn without(a: &MultiPolygon<f64>, b: &MultiPolygon<f64>) -> MultiPolygon<f64> {
    areas::without(a, b).unwrap_or_else(|| a.clone())
}

fn counts(zone: &Zone) -> bool {
    !zone.within_accuracy && zone.plan.as_ref().is_none_or(is_in_force)
}

fn key(zone: &Zone) -> (Option<uuid::Uuid>, String) {
    (zone.plan.as_ref().map(|plan| plan.id), zone.layer.clone())
}

fn exact_m(plan: Option<&Plan>) -> f64 {
    accuracy::of_scale(plan.and_then(|plan| plan.scale.as_deref()))
}
