//! A worker that says what a test wants: the frames lie in a file, a shell passes them on.

use std::path::PathBuf;

use dothi::imports::{ImportRequest, Progress, Report};
use dothi_import::protocol::{
    AttributeSpec, LayerSpec, Message, StagingColumn, staging_columns, write_message, write_rows,
};

use crate::support::TestCity;

/// One layer's rows, as a worker would send them. All are trees: a number, a species, a height, a place.
pub struct Trees {
    columns: Vec<StagingColumn>,
    tuples: Vec<u8>,
    clean: u64,
    repaired: u64,
    refused: u64,
}

impl Trees {
    /// No rows yet.
    pub fn none() -> Self {
        let attribute =
            |name: &str, kind: &str| AttributeSpec { name: name.into(), kind: kind.into(), ..AttributeSpec::default() };
        let layer = LayerSpec {
            name: "tree".into(),
            geometry: Some("point".into()),
            attributes: vec![
                attribute("tree_number", "text"),
                attribute("species", "text"),
                attribute("height_m", "float"),
            ],
            ..LayerSpec::default()
        };
        let mut columns = staging_columns(&layer);
        for column in &mut columns {
            column.given |= layer.attributes.iter().any(|a| a.name == column.name);
        }
        Self { columns, tuples: Vec::new(), clean: 0, repaired: 0, refused: 0 }
    }

    /// One more tree.
    pub fn tree(self, number: &str, species: &str, height_m: f64) -> Self {
        self.at(number, species, height_m, 106.7, false)
    }

    /// One more tree, somewhere else, perhaps repaired.
    pub fn at(mut self, number: &str, species: &str, height_m: f64, lon: f64, repaired: bool) -> Self {
        let row = (self.clean + self.repaired + self.refused + 1) as i64;
        let status: &[u8] = if repaired { b"repaired" } else { b"clean" };
        if repaired {
            self.repaired += 1
        } else {
            self.clean += 1
        }
        let geom = point(lon);
        let fields: Vec<Option<Vec<u8>>> = self
            .columns
            .iter()
            .map(|c| match c.name.as_str() {
                "_row" => Some(row.to_be_bytes().to_vec()),
                "_status" => Some(status.to_vec()),
                "tree_number" => Some(number.as_bytes().to_vec()),
                "species" => Some(species.as_bytes().to_vec()),
                "height_m" => Some(height_m.to_be_bytes().to_vec()),
                "geom" => Some(geom.clone()),
                _ => None,
            })
            .collect();
        self.put(fields);
        self
    }

    fn put(&mut self, fields: Vec<Option<Vec<u8>>>) {
        self.tuples.extend_from_slice(&(fields.len() as i16).to_be_bytes());
        for field in fields {
            let length = field.as_ref().map_or(-1, |f| f.len() as i32);
            self.tuples.extend_from_slice(&length.to_be_bytes());
            self.tuples.extend_from_slice(&field.unwrap_or_default());
        }
    }

    /// A row that the worker refused, and that speaks of this tree; of none that can be read.
    pub fn refused_tree(mut self, number: Option<&str>, lon: Option<f64>) -> Self {
        let row = (self.clean + self.repaired + self.refused + 1) as i64;
        self.refused += 1;
        let fields: Vec<Option<Vec<u8>>> = self
            .columns
            .iter()
            .map(|c| match c.name.as_str() {
                "_row" => Some(row.to_be_bytes().to_vec()),
                "_status" => Some(b"refused".to_vec()),
                "tree_number" => number.map(|number| number.as_bytes().to_vec()),
                "geom" => lon.map(point),
                _ => None,
            })
            .collect();
        self.put(fields);
        self
    }

    /// Rows that the worker refused without a word on them.
    pub fn refused(mut self, count: u64) -> Self {
        self.refused += count;
        self
    }

    /// Frames up to and with the rows.
    fn begun(&self) -> Vec<u8> {
        let mut wire = Vec::new();
        let begin = Message::Begin {
            target: "tree".into(),
            file: "cay.gpkg".into(),
            source_layer: "cay".into(),
            columns: self.columns.clone(),
            crs: None,
            total: None,
        };
        write_message(&mut wire, &begin).expect("memory takes it");
        write_rows(&mut wire, &self.tuples).expect("memory takes it");
        wire
    }

    /// All frames of a delivery that holds these trees.
    fn whole(&self) -> Vec<u8> {
        let mut wire = self.ended();
        write_message(&mut wire, &Message::Done { issues: Vec::new(), refused: None }).expect("memory takes it");
        wire
    }

    /// Frames up to and with the end of the rows.
    fn ended(&self) -> Vec<u8> {
        let mut wire = self.begun();
        let read = self.clean + self.repaired + self.refused;
        let end = Message::End {
            target: "tree".into(),
            file: "cay.gpkg".into(),
            source_layer: "cay".into(),
            read,
            clean: self.clean,
            repaired: self.repaired,
            refused: self.refused,
            skipped: 0,
        };
        write_message(&mut wire, &end).expect("memory takes it");
        wire
    }

    /// A request whose worker sends these trees, and then a second file with `broken` that ends in the middle.
    pub fn request_with_a_broken_file(&self, broken: &Self) -> Delivery {
        let mut wire = self.ended();
        wire.extend(broken.begun());
        let refused = Message::FileRefused { file: "hỏng.gpkg".into() };
        write_message(&mut wire, &refused).expect("memory takes it");
        write_message(&mut wire, &Message::Done { issues: Vec::new(), refused: None }).expect("memory takes it");
        Delivery::new(&wire, "")
    }

    /// A request whose worker sends these trees.
    pub fn request(&self) -> Delivery {
        Delivery::new(&self.whole(), "")
    }

    /// A request whose worker sends these trees, but no end: then `instead` is run by a shell.
    pub fn request_that_ends(&self, instead: &str) -> Delivery {
        Delivery::new(&self.begun(), instead)
    }
}

fn point(lon: f64) -> Vec<u8> {
    let mut geom = vec![1u8];
    geom.extend_from_slice(&0x2000_0001u32.to_le_bytes());
    geom.extend_from_slice(&4326u32.to_le_bytes());
    geom.extend_from_slice(&lon.to_le_bytes());
    geom.extend_from_slice(&10.77f64.to_le_bytes());
    geom
}

/// A request and the folder that its files lie in.
pub struct Delivery {
    pub request: ImportRequest,
    pub folder: tempfile::TempDir,
}

impl Delivery {
    fn new(frames: &[u8], then: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, wire) = (folder.path().join("cay.gpkg"), folder.path().join("frames"));
        std::fs::write(&file, "not read by this worker").expect("written");
        std::fs::write(&wire, frames).expect("written");
        let script = format!("read -r job; cat {}; {then}", wire.display());
        let mut request = ImportRequest::new(vec![file], folder.path().join("reports"));
        request.worker = Some(["sh", "-c", &script].map(String::from).to_vec());
        Self { request, folder }
    }

    pub fn accept(mut self, rule: &str) -> Self {
        self.request.accept.push(rule.into());
        self
    }

    pub fn on(mut self, date: &str) -> Self {
        self.request.date = Some(date.parse().expect("a date"));
        self
    }

    pub fn with(mut self, change: impl FnOnce(&mut ImportRequest)) -> Self {
        change(&mut self.request);
        self
    }

    /// The worker's command, as the hidden option takes it.
    pub fn worker_script(&self) -> String {
        self.request.worker.as_ref().map(|w| w[2].clone()).unwrap_or_default()
    }

    pub fn file(&self) -> PathBuf {
        self.request.files[0].clone()
    }

    pub async fn import(&self, city: &TestCity) -> Report {
        self.try_import(city).await.unwrap_or_else(|e| panic!("{e} {:?}", e.cause))
    }

    pub async fn try_import(&self, city: &TestCity) -> Result<Report, dothi::imports::ImportError> {
        dothi::imports::run(&city.app.pool, self.request.clone(), None::<tokio::sync::mpsc::Sender<Progress>>).await
    }
}
