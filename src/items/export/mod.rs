//! Rows as a file: `GeoPackage`, Shapefile, DXF or `GeoJSON`, in the zone in which the place measures.
//!
//! The rows of one snapshot go line by line to a child process, in which GDAL writes; the file then leaves as it lies on the
//! disk. Private attributes leave only for who may look up persons where the rows lie, and not before that is logged.

pub mod http;
mod personal;
mod rows;
mod worker;

use std::time::Duration;

use dothi_import::export::{Column, Format, Kind as ColumnKind, Wanted};
use sqlx::{Connection as _, PgPool};

use super::question::Question;
use crate::catalog::{Geometry, Kind, Layer};
use crate::http::problem::Problem;
use crate::identity::principal::Principal;

/// Rows of one file.
pub const MOST_ROWS: i64 = 100_000;
/// Rows of one file with private attributes.
pub const MOST_PRIVATE_ROWS: i64 = 1_000;
/// Time that one file takes at most.
pub const MOST_TIME: Duration = Duration::from_secs(25);

/// Why no file came.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// More rows than one file takes.
    #[error("{count} rows, {most} at most")]
    TooMany {
        /// Rows that were chosen.
        count: i64,
        /// Rows that one file takes.
        most: i64,
    },
    /// More time than one file takes.
    #[error("it took longer than {} s", MOST_TIME.as_secs())]
    TooSlow,
    /// The caller may not look up the persons that the rows name.
    #[error("private attributes are not the caller's")]
    NotAllowed(crate::identity::rights::Decision),
    /// The database could not answer.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// The program that writes could not be started, or its file not be read.
    #[error("the export worker: {0}")]
    Io(#[from] std::io::Error),
    /// What is wanted could not be said.
    #[error("the export worker: {0}")]
    Json(#[from] serde_json::Error),
    /// It ended badly.
    #[error("the export worker: {0}")]
    Worker(String),
}

impl From<ExportError> for Problem {
    fn from(error: ExportError) -> Self {
        let too_much = |vi: String, en: String| {
            Self::new(
                axum::http::StatusCode::PAYLOAD_TOO_LARGE,
                "too-much-to-export",
                "Quá nhiều đối tượng cho một tệp",
                "Too much for one file",
            )
            .detail((vi, en))
        };
        match error {
            ExportError::TooMany { count, most } => too_much(
                format!("đã chọn {count} dòng, một tệp chứa {most}: lọc bớt, hoặc chọn vùng nhỏ hơn"),
                format!("{count} rows are chosen, one file takes {most}: filter, or choose a smaller area"),
            )
            .with("rows", count)
            .with("most_rows", most),
            ExportError::TooSlow => too_much(
                format!("mất hơn {} giây: lọc bớt, hoặc chọn vùng nhỏ hơn", MOST_TIME.as_secs()),
                format!("it took longer than {} s: filter, or choose a smaller area", MOST_TIME.as_secs()),
            ),
            ExportError::NotAllowed(decision) => match decision.or_refuse() {
                Err(refused) => refused,
                Ok(()) => Self::internal("a refusal that allows"),
            },
            // 57014: the statement ran out of its time.
            ExportError::Database(sqlx::Error::Database(cause)) if cause.code().as_deref() == Some("57014") => {
                ExportError::TooSlow.into()
            }
            ExportError::Database(error) => error.into(),
            other => Self::internal(other),
        }
    }
}

/// What is written, and for whom.
pub struct Order<'a> {
    /// The layer.
    pub layer: &'a Layer,
    /// Which of its rows, and whether with private attributes.
    pub question: &'a Question<'a>,
    /// As what.
    pub format: Format,
    /// The zone of the shapes; degrees where there is none.
    pub srid: Option<i32>,
    /// Why private attributes leave; the words for the log.
    pub purpose: &'a str,
}

/// A file, and how many rows it has.
pub struct Written {
    /// Open for reading; its name is gone, so that nothing is left when it is closed.
    pub file: tokio::fs::File,
    /// Its length.
    pub bytes: u64,
    /// Rows in it.
    pub rows: i64,
}

/// Writes the rows that an order names.
///
/// # Errors
/// See [`ExportError`].
pub async fn export(
    pool: &PgPool,
    program: std::path::PathBuf,
    who: &Principal,
    order: &Order<'_>,
) -> Result<Written, ExportError> {
    // Dropped, the work ends: the child is killed and its folder erased.
    tokio::time::timeout(MOST_TIME, write(pool, program, who, order)).await.unwrap_or(Err(ExportError::TooSlow))
}

async fn write(
    pool: &PgPool,
    program: std::path::PathBuf,
    who: &Principal,
    order: &Order<'_>,
) -> Result<Written, ExportError> {
    let mut connection = pool.acquire().await?;
    let mut snapshot = connection.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    sqlx::query("SELECT set_config('statement_timeout', $1, true)")
        .bind(format!("{}s", MOST_TIME.as_secs()))
        .execute(&mut *snapshot)
        .await?;
    let count = rows::count(&mut snapshot, order).await?;
    let has_private = order.question.private && order.layer.attributes.iter().any(|attribute| attribute.private);
    let most = if has_private { MOST_PRIVATE_ROWS } else { MOST_ROWS };
    if count > most {
        return Err(ExportError::TooMany { count, most });
    }
    if has_private {
        personal::allowed(&mut snapshot, who, order).await?;
        personal::log(pool, &mut snapshot, who, order).await?;
    }
    let widths = match order.format {
        Format::Shp => rows::widths(&mut snapshot, order).await?,
        Format::Gpkg | Format::Dxf | Format::Geojson => Vec::new(),
    };
    let folder = tempfile::tempdir()?;
    let wanted = Wanted {
        path: folder.path().join(format!("{}.{}", order.layer.name, order.format.ending())),
        format: order.format,
        name: order.layer.name.clone(),
        title: format!("{} ({})", order.layer.title.vi, order.layer.title.en),
        srid: order.layer.has_geometry().then(|| order.srid.and_then(|srid| u32::try_from(srid).ok()).unwrap_or(4326)),
        shape: shape(order.layer.geometry).to_owned(),
        columns: columns(order, &widths),
    };
    worker::write(program, &wanted, rows::lines(order), &mut snapshot).await?;
    snapshot.rollback().await?;
    let file = tokio::fs::File::open(&wanted.path).await?;
    let bytes = file.metadata().await?.len();
    Ok(Written { file, bytes, rows: count })
}

/// The id, then the attributes in the order of the catalog; `widths` are theirs.
fn columns(order: &Order<'_>, widths: &[Option<i32>]) -> Vec<Column> {
    let id = Column {
        name: "id".to_owned(),
        kind: ColumnKind::Text,
        title_vi: "Mã đối tượng".to_owned(),
        title_en: "Identifier".to_owned(),
        unit: None,
        bytes: Some(36),
    };
    let attributes = order.question.seen(order.layer).enumerate().map(|(at, attribute)| Column {
        name: attribute.name.clone(),
        kind: match attribute.kind {
            Kind::Int => ColumnKind::Int,
            Kind::Float => ColumnKind::Float,
            Kind::Date => ColumnKind::Date,
            Kind::Text | Kind::Code | Kind::Bool | Kind::Timestamp | Kind::Json => ColumnKind::Text,
        },
        title_vi: attribute.title.vi.clone(),
        title_en: attribute.title.en.clone(),
        unit: attribute.unit.clone(),
        bytes: widths.get(at).map(|width| width.and_then(|width| u32::try_from(width).ok()).unwrap_or(1)),
    });
    std::iter::once(id).chain(attributes).collect()
}

fn shape(geometry: Geometry) -> &'static str {
    match geometry {
        Geometry::Point => "Point",
        Geometry::Line => "LineString",
        Geometry::Polygon => "Polygon",
        Geometry::MultiPoint => "MultiPoint",
        Geometry::MultiLine => "MultiLineString",
        Geometry::MultiPolygon => "MultiPolygon",
        Geometry::Any | Geometry::None => "",
    }
}
