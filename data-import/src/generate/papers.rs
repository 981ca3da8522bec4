//! What needs no ground: decisions, tree species, and the labels that every map of the country must carry.

use std::path::Path;

use anyhow::{Context, Result};
use geo::{Geometry, Point};

use super::write::{LEGAL_SRID, Sink};
use crate::{crs, generated_row};

/// A decision that data rest on.
pub struct Paper<'p> {
    /// Number and sign.
    pub number: &'p str,
    /// What it decides.
    pub title: &'p str,
    /// Who issued it.
    pub issuer: &'p str,
    /// When.
    pub issued_on: &'p str,
    /// First day in force, and the day from which it no longer is.
    pub effective: (&'p str, Option<&'p str>),
    /// Number of the decision that replaces it.
    pub replaced_by: Option<String>,
}

/// Writes a decision.
pub fn put_paper(paper: &Paper<'_>, sink: &mut dyn Sink) -> Result<()> {
    sink.put(generated_row!("legal_document", None, number: paper.number, kind: "quyet_dinh", title: paper.title, issuer: paper.issuer,
        issued_on: paper.issued_on, effective_from: paper.effective.0, effective_to: paper.effective.1,
        replaced_by: paper.replaced_by.clone()))
}

/// A tree species: code, common name, scientific name, family, origin, greatest height m, greatest girth (diameter at breast height) cm.
pub type Species = (&'static str, &'static str, &'static str, &'static str, &'static str, f64, f64);

/// Street trees of the city.
pub const SPECIES: [Species; 10] = [
    ("SAO_DEN", "Sao đen", "Hopea odorata", "Dipterocarpaceae", "ban_dia", 35.0, 140.0),
    ("DAU_RAI", "Dầu rái", "Dipterocarpus alatus", "Dipterocarpaceae", "ban_dia", 40.0, 160.0),
    ("ME", "Me", "Tamarindus indica", "Fabaceae", "nhap_noi", 22.0, 110.0),
    ("BANG_LANG", "Bằng lăng", "Lagerstroemia speciosa", "Lythraceae", "ban_dia", 18.0, 60.0),
    ("LIM_XET", "Lim sét", "Peltophorum pterocarpum", "Fabaceae", "ban_dia", 22.0, 80.0),
    ("PHUONG", "Phượng vĩ", "Delonix regia", "Fabaceae", "nhap_noi", 15.0, 70.0),
    ("VIET", "Viết", "Mimusops elengi", "Sapotaceae", "ban_dia", 15.0, 50.0),
    ("GIANG_HUONG", "Giáng hương", "Pterocarpus macrocarpus", "Fabaceae", "ban_dia", 28.0, 100.0),
    ("XA_CU", "Xà cừ", "Khaya senegalensis", "Meliaceae", "nhap_noi", 30.0, 150.0),
    ("CAU_VUA", "Cau vua", "Roystonea regia", "Arecaceae", "nhap_noi", 20.0, 55.0),
];

/// The decision on land prices, and species; plans write their own decisions.
pub fn write(sink: &mut dyn Sink) -> Result<()> {
    put_paper(
        &Paper {
            number: "79/QĐ-UBND",
            title: "Quyết định ban hành bảng giá đất (minh họa)",
            issuer: "UBND Thành phố Hồ Chí Minh",
            issued_on: "2025-12-31",
            effective: ("2026-01-01", None),
            replaced_by: None,
        },
        sink,
    )?;
    for (code, common, scientific, family, origin, height, dbh) in SPECIES {
        sink.put(generated_row!("species", None, code: code, common_name: common, scientific_name: scientific, family: family,
            origin: origin, max_height_m: height, max_dbh_cm: dbh, restricted: false))?;
    }
    Ok(())
}

/// Biển Đông, Hoàng Sa, Trường Sa: drawn and labelled on every map of the country.
pub fn labels(data: &Path, sink: &mut dyn Sink) -> Result<()> {
    let path = data.join("vn/sea_labels.csv");
    let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    for line in text.lines().skip(1).filter(|l| !l.trim().is_empty()) {
        let fields: Vec<&str> = line.split(',').collect();
        let [name, name_en, kind, lon, lat, min_zoom, rank] = fields[..] else {
            anyhow::bail!("{}: a line has not 7 fields: {line}", path.display())
        };
        // All shapes here are in metres of one zone; these come back to their degrees by the same pipeline.
        let (x, y) = crs::point_from_wgs84(LEGAL_SRID, lon.parse()?, lat.parse()?)?;
        sink.put(
            generated_row!("place", Some(Geometry::Point(Point::new(x, y))), name: name, name_en: name_en, kind: kind,
            min_zoom: min_zoom.parse::<i64>()?, rank: rank.parse::<i64>()?),
        )?;
    }
    Ok(())
}
