//! What `GET /api/v1/lookup` answers.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;
use uuid::Uuid;

pub use crate::bilingual::Bilingual;

/// What applies at a place: first in a sentence, then in detail. What is not known is named in `missing`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Answer {
    /// Where the core stood, to be carried to the next read.
    pub position: String,
    /// The day that is answered for.
    pub date: NaiveDate,
    /// The moment whose knowledge the answer rests on, where one was asked for.
    pub known_at: Option<DateTime<Utc>>,
    /// The day and the knowledge in words.
    pub as_of: Bilingual,
    /// The place that was asked about.
    pub at: LngLat,
    /// The same place in the VN-2000 zone of the parcel, or of the city; none outside the range of the zone.
    pub vn2000: Option<Vn2000>,
    /// Why there are no coordinates in that zone, where there are none.
    pub vn2000_note: Option<Bilingual>,
    /// Some of what follows is generated data.
    pub illustrative: bool,
    /// One plain sentence.
    pub answer: Bilingual,
    /// On what ground.
    pub ground: Bilingual,
    /// Where another plan in force says something else: what it says, and which of them the answer follows.
    pub beside: Option<Bilingual>,
    /// What this is not.
    pub disclaimer: Bilingual,
    /// The commune, and what it was before.
    pub unit: Option<Unit>,
    /// The street or the water here, where there is no parcel.
    pub open_ground: Option<OpenGround>,
    /// The parcels here, each with all that applies to it.
    pub parcels: Vec<Parcel>,
    /// The planning zones at the point, where there is no parcel.
    pub zones: Vec<Zone>,
    /// What stands nearby.
    pub around: Vec<Nearby>,
    /// Permits and sites nearby, as far as they are public.
    pub works: Vec<Nearby>,
    /// What this server has no data on here.
    pub missing: Vec<Missing>,
    /// What the answer rests on.
    pub sources: Vec<Source>,
}

/// Ground without parcels that has a name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpenGround {
    /// Its layer: `road` or `water_area`.
    pub layer: String,
    /// Its name.
    pub name: String,
}

/// A position on WGS 84.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct LngLat {
    /// Degrees east.
    pub lon: f64,
    /// Degrees north.
    pub lat: f64,
}

/// A position in a VN-2000 zone, in metres, as Vietnamese papers write it: X to the north, Y to the east.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Vn2000 {
    /// EPSG code of the zone.
    pub srid: i32,
    /// Its name.
    pub name: String,
    /// Northing.
    pub x_north: f64,
    /// Easting.
    pub y_east: f64,
}

/// An administrative unit.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Unit {
    /// The object.
    pub id: Uuid,
    /// Code of the commune, text with leading zeros.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Ward, commune, special zone: a code of `unit_kind`.
    pub kind: Option<String>,
    /// The same in words.
    pub kind_title: Option<Bilingual>,
    /// The province.
    pub province: Option<String>,
    /// Units that went into it on 1 July 2025.
    pub former: Vec<String>,
}

/// A meaning with its code and colour.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Coded {
    /// As it stands in the data.
    pub code: String,
    /// What it means; the code itself when no list knows it.
    pub title: Bilingual,
    /// Colour of maps and legends.
    pub colour: Option<String>,
    /// Square metres by document, where several share a parcel.
    pub area_m2: Option<f64>,
}

/// Whether metres are legal (computed in the VN-2000 zone of the data set) or geodesic (on the ellipsoid).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AreaKind {
    /// Computed in the plane of the legal zone.
    Legal,
    /// Computed on the ellipsoid, where no legal zone is known.
    Geodesic,
}

/// A land parcel and what applies to it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Parcel {
    /// The object.
    pub id: Uuid,
    /// Its version.
    pub version: i32,
    /// Map sheet.
    pub sheet: Option<String>,
    /// Number on the sheet.
    pub number: Option<String>,
    /// Commune that numbered the sheet.
    pub former_unit: Option<String>,
    /// Square metres as drawn.
    pub area_m2: f64,
    /// How they were computed.
    pub area_kind: AreaKind,
    /// Square metres by document, where the register gives them.
    pub document_area_m2: Option<f64>,
    /// Official identifier (TT 19/2026), as imported.
    pub official_id: Option<String>,
    /// What the land is used for by the register.
    pub land_use: Vec<Coded>,
    /// Shape as GeoJSON, lon/lat.
    #[schema(value_type = Object)]
    pub geometry: Json,
    /// Planning zones on it, of every level, each with its share.
    pub zones: Vec<Zone>,
    /// Square metres of it for which no plan in force speaks; none where plans cover it, as exactly as they are drawn.
    pub unplanned_m2: Option<f64>,
    /// Red lines and building lines that cross it.
    pub lines: Vec<Line>,
    /// Buildings on it.
    pub buildings: Vec<Nearby>,
    /// Addresses on it.
    pub address: Vec<String>,
}

/// A planning zone.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Zone {
    /// The object.
    pub id: Uuid,
    /// `planning_zone` or `land_use_plan`.
    pub layer: String,
    /// Sign on the drawing, or the land-use code.
    pub code: Option<String>,
    /// What the zone is for.
    pub title: Bilingual,
    /// Colour of maps and legends.
    pub colour: Option<String>,
    /// Square metres of the parcel in it.
    pub area_m2: Option<f64>,
    /// Share of the parcel in it, 0 to 1.
    pub share: Option<f64>,
    /// Square metres of the parcel for which no more detailed plan in force speaks; none where one does for all of it.
    pub speaks_m2: Option<f64>,
    /// The strip shared with the parcel is thinner than the drawing is exact: shown, but nothing is concluded from it.
    pub within_accuracy: bool,
    /// Function, by the code list.
    #[serde(skip)]
    pub function: Option<String>,
    /// Least storeys.
    pub storeys_min: Option<i64>,
    /// Most storeys.
    pub storeys_max: Option<i64>,
    /// Greatest share that may be built over, percent.
    pub coverage_max_pct: Option<f64>,
    /// Greatest floor-area ratio.
    pub far_max: Option<f64>,
    /// Greatest height.
    pub height_max_m: Option<f64>,
    /// Setback from the red line.
    pub setback_m: Option<f64>,
    /// The plan that says so.
    pub plan: Option<Plan>,
}

/// A plan and the decision it rests on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Plan {
    /// The object.
    pub id: Uuid,
    /// Its title.
    pub name: Option<String>,
    /// General, zoning, detailed …: a code of `plan_level`.
    pub level: Option<String>,
    /// The same in words.
    pub level_title: Option<Bilingual>,
    /// Number of the decision.
    pub decision_number: Option<String>,
    /// Date of the decision.
    pub decision_date: Option<NaiveDate>,
    /// Body that decided.
    pub authority: Option<String>,
    /// Scale of the drawing.
    pub scale: Option<String>,
    /// In force, replaced, draft …: a code of `plan_status`.
    pub status: Option<String>,
    /// The same in words.
    pub status_title: Option<Bilingual>,
    /// Where the document is.
    pub document: Option<String>,
    /// The plan is generated data.
    #[serde(skip)]
    pub illustrative: bool,
}

/// A planning line that crosses the parcel.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Line {
    /// The object.
    pub id: Uuid,
    /// Code of its kind.
    pub kind: String,
    /// What it is.
    pub title: Bilingual,
    /// The road it belongs to.
    pub road_name: Option<String>,
    /// Square metres that lie on the road's side of a red line; null when it cannot be said.
    pub cut_m2: Option<f64>,
    /// How deep the road reaches into the parcel, metres.
    pub depth_m: Option<f64>,
    /// It reaches in less deep than the drawing is exact: shown, but nothing is concluded from it.
    pub within_accuracy: bool,
    /// The plan that says so.
    pub plan: Option<Plan>,
}

/// Something near, with the attributes that the audience sees.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Nearby {
    /// Which layer.
    pub layer: String,
    /// Title of the layer.
    pub title: Bilingual,
    /// The object.
    pub id: Uuid,
    /// A name or number to call it by.
    pub label: Option<String>,
    /// Geodesic metres from the place asked about.
    pub distance_m: f64,
    /// What else is known of it.
    #[schema(value_type = Object)]
    pub attributes: BTreeMap<String, Json>,
}

/// Something that this server has no data on here. Never means that nothing applies.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Missing {
    /// Which layer.
    pub layer: String,
    /// Title of the layer.
    pub title: Bilingual,
    /// What to do about it.
    pub text: Bilingual,
}

/// Something that the answer rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Source {
    /// Which layer.
    pub layer: String,
    /// Decision, register or source.
    pub name: String,
    /// The same in both languages, where words of ours are part of it.
    pub names: Bilingual,
    /// Its date, where known.
    pub date: Option<NaiveDate>,
}
