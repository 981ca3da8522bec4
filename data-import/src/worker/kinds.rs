//! What kind of file is it? Told by its first bytes, and by its name only where bytes say nothing.

use std::path::Path;

use crate::protocol::Text;

/// Kinds of files that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// GeoJSON, its line-wise form, or TopoJSON: their driver looks closer.
    Json,
    /// `GeoPackage`.
    GeoPackage,
    /// Shapefile, or a dBASE table alone.
    Shapefile,
    /// `FlatGeobuf`.
    FlatGeobuf,
    /// Text table.
    Csv,
    /// `OpenStreetMap`, PBF or XML.
    Osm,
    /// KML; a KMZ is an archive of it.
    Kml,
    /// `MapInfo`, TAB or MIF.
    MapInfo,
    /// A folder of ESRI's file geodatabase.
    FileGeodatabase,
    /// `AutoCAD` drawing as text.
    Dxf,
    /// `MicroStation` drawing, version 7.
    Dgn,
}

/// The formats that are read, for people.
pub const READ: &str = "GeoJSON, TopoJSON, GeoPackage, Shapefile, FlatGeobuf, KML, KMZ, MapInfo TAB/MIF, FileGDB (.gdb), DXF, DGN V7, CSV, OSM PBF (.gz, .zip)";

impl Format {
    /// GDAL's drivers that may open it; no other is ever tried.
    pub fn drivers(self) -> &'static [&'static str] {
        match self {
            Self::Json => &["GeoJSON", "GeoJSONSeq", "TopoJSON"],
            Self::GeoPackage => &["GPKG"],
            Self::Shapefile => &["ESRI Shapefile"],
            Self::FlatGeobuf => &["FlatGeobuf"],
            Self::Csv => &["CSV"],
            Self::Osm => &["OSM"],
            // The first gives columns of their own to extended data.
            Self::Kml => &["LIBKML", "KML"],
            Self::MapInfo => &["MapInfo File"],
            Self::FileGeodatabase => &["OpenFileGDB"],
            Self::Dxf => &["DXF"],
            Self::Dgn => &["DGN"],
        }
    }
}

/// Files that go with a delivery but hold no rows of their own.
const SIDE_FILES: [&str; 29] = [
    "prj", "cpg", "shx", "qix", "sbn", "sbx", "qpj", "qmd", "xml", "txt", "md", "pdf", "csvt", "html", "png", "jpg",
    "jpeg", "docx", "doc", "lyr", "qml", "sld", "gif", "mid", "map", "id", "ind", "gfs", "lyrx",
];

/// Bytes of a file's head that tell its kind.
pub(super) const HEAD: usize = 1024;

pub(super) enum Kind {
    Zip,
    Gzip,
    Data(Format),
    Side,
    Empty,
    /// Known, and not read: what to do instead.
    Foreign(Foreign),
    Unknown,
}

/// Kinds that a department has and must save in another way first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Foreign {
    Dwg,
    BinaryDxf,
    DgnV8,
}

impl Foreign {
    /// What it is and what to do.
    pub(super) fn message(self, name: &str) -> Text {
        let (vi, en) = match self {
            Self::Dwg => (
                "là bản vẽ DWG; trong AutoCAD chọn Save As → DXF (R2000 trở lên, dạng chữ) rồi nhập tệp .dxf",
                "is a DWG drawing; save it as DXF (R2000 or later, as text) in AutoCAD and import the .dxf",
            ),
            Self::BinaryDxf => (
                "là DXF dạng nhị phân; lưu lại thành DXF dạng chữ (ASCII)",
                "is a binary DXF; save it again as a DXF of text (ASCII)",
            ),
            Self::DgnV8 => (
                "là DGN V8; trong MicroStation chọn File → Save As → V7 DGN, hoặc xuất ra DXF",
                "is a DGN V8; save it as V7 DGN (File → Save As) in MicroStation, or as DXF",
            ),
        };
        Text::new(format!("{name} {vi}"), format!("{name} {en}"))
    }
}

fn extension_of(path: &Path) -> String {
    path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default()
}

/// Is the folder a file geodatabase? Its name may have got lost on the way; its first table never does.
pub(super) fn is_geodatabase(folder: &Path) -> bool {
    folder.join("a00000001.gdbtable").is_file()
}

/// Empty or unknown inside, but named like what is read: then it is broken, not of another kind.
pub(super) fn is_named_like_data(name: &str) -> bool {
    matches!(
        extension_of(Path::new(name)).as_str(),
        "geojson"
            | "json"
            | "topojson"
            | "geojsonl"
            | "shp"
            | "gpkg"
            | "fgb"
            | "csv"
            | "tsv"
            | "pbf"
            | "zip"
            | "gz"
            | "kml"
            | "kmz"
            | "tab"
            | "mif"
            | "dxf"
            | "dgn"
    )
}

/// The kind of the file at `path`, which begins with `head`.
pub(super) fn kind_of(head: &[u8], path: &Path) -> Kind {
    let extension = extension_of(path);
    if head.is_empty() && extension != "cpg" {
        return Kind::Empty;
    }
    by_bytes(head, &extension).unwrap_or_else(|| by_name(head, path, &extension))
}

fn by_bytes(head: &[u8], extension: &str) -> Option<Kind> {
    let is = |magic: &[u8]| head.starts_with(magic);
    Some(if is(b"PK\x03\x04") || is(b"PK\x05\x06") {
        if matches!(extension, "docx" | "odt" | "xlsx" | "ods") { Kind::Unknown } else { Kind::Zip }
    } else if is(&[0x1f, 0x8b]) {
        Kind::Gzip
    } else if is(b"SQLite format 3\0") {
        Kind::Data(Format::GeoPackage)
    } else if is(b"fgb\x03fgb") {
        Kind::Data(Format::FlatGeobuf)
    } else if is(&[0, 0, 0x27, 0x0a]) {
        if extension == "shx" { Kind::Side } else { Kind::Data(Format::Shapefile) }
    } else if is(&[0x08, 0x09, 0xfe, 0x02]) || is(&[0xc8, 0x09, 0xfe, 0x02]) {
        Kind::Data(Format::Dgn)
    } else if is(&[0xd0, 0xcf, 0x11, 0xe0]) && extension == "dgn" {
        Kind::Foreign(Foreign::DgnV8)
    } else if is(b"AutoCAD Binary DXF") {
        Kind::Foreign(Foreign::BinaryDxf)
    } else if is(b"AC10") && (extension == "dwg" || head.get(6) == Some(&0)) {
        Kind::Foreign(Foreign::Dwg)
    } else {
        return by_text(head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start(), extension);
    })
}

fn by_text(text: &[u8], extension: &str) -> Option<Kind> {
    let has = |word: &[u8]| text.windows(word.len()).any(|w| w.eq_ignore_ascii_case(word));
    let begins = |word: &[u8]| text.get(..word.len()).is_some_and(|w| w.eq_ignore_ascii_case(word));
    let second_line = text.split(|b| *b == b'\n').nth(1).map(<[u8]>::trim_ascii);
    if begins(b"!table") && extension == "tab" {
        Some(Kind::Data(Format::MapInfo))
    } else if begins(b"version") && extension == "mif" {
        Some(Kind::Data(Format::MapInfo))
    } else if begins(b"<") && has(b"<kml") {
        Some(Kind::Data(Format::Kml))
    } else if begins(b"0") && second_line == Some(b"SECTION") {
        Some(Kind::Data(Format::Dxf))
    } else {
        None
    }
}

fn by_name(head: &[u8], path: &Path, extension: &str) -> Kind {
    match extension {
        "geojson" | "json" | "topojson" | "geojsonl" | "geojsons" | "ndjson" => Kind::Data(Format::Json),
        "dbf" | "shp" => Kind::Data(Format::Shapefile),
        "csv" | "tsv" => Kind::Data(Format::Csv),
        "pbf" | "osm" => Kind::Data(Format::Osm),
        // A comment (999) may come first.
        "dxf" if !head.contains(&0) => Kind::Data(Format::Dxf),
        "gpkg" | "fgb" | "tab" | "mif" | "kml" | "kmz" | "dxf" | "dgn" => Kind::Unknown,
        // The table of a TAB.
        "dat" if ["tab", "TAB", "Tab"].iter().any(|tab| path.with_extension(tab).exists()) => Kind::Side,
        e if SIDE_FILES.contains(&e) => Kind::Side,
        _ => {
            let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
            if text.starts_with(b"{") { Kind::Data(Format::Json) } else { Kind::Unknown }
        }
    }
}
