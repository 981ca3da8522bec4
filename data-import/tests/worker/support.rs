//! Jobs against the shipped catalog, and answers taken apart.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dothi_import::protocol::{
    AttributeSpec, Frame, Issue, Job, LayerSpec, MUTE, Message, REFUSED, StagingColumn, read_frame,
};
use dothi_import::worker;

/// The catalog that ships, read from its own files.
pub fn layers() -> Vec<LayerSpec> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/catalog/layers");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files.iter().map(|f| layer(&std::fs::read_to_string(f).unwrap())).collect()
}

fn layer(text: &str) -> LayerSpec {
    let table: toml::Table = toml::from_str(text).unwrap();
    let string = |t: &toml::Table, key: &str| t.get(key).and_then(|v| v.as_str()).map(str::to_owned);
    let flag = |t: &toml::Table, key: &str| t.get(key).and_then(toml::Value::as_bool).unwrap_or(false);
    let title = |t: &toml::Table, language: &str| {
        t["title"].get(language).and_then(|v| v.as_str()).unwrap_or_default().to_owned()
    };
    let attributes = table["attribute"].as_array().unwrap().iter().map(|a| a.as_table().unwrap());
    LayerSpec {
        name: string(&table, "name").unwrap(),
        geometry: string(&table, "geometry"),
        legal: flag(&table, "legal"),
        title_vi: title(&table, "vi"),
        title_en: title(&table, "en"),
        attributes: attributes
            .map(|a| AttributeSpec {
                name: string(a, "name").unwrap(),
                kind: string(a, "kind").unwrap(),
                code_list: string(a, "code_list"),
                required: flag(a, "required"),
                unit: string(a, "unit"),
                title_vi: title(a, "vi"),
                title_en: title(a, "en"),
                ..AttributeSpec::default()
            })
            .collect(),
        ..LayerSpec::default()
    }
}

/// Codes of the shipped lists.
pub fn code_lists() -> BTreeMap<String, Vec<String>> {
    let mut lists: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/catalog/codes");
    for file in ["codes.csv", "land_use.csv"] {
        for line in std::fs::read_to_string(folder.join(file)).unwrap().lines().skip(1) {
            let mut cells = line.split(',');
            if let (Some(list), Some(code)) = (cells.next(), cells.next()) {
                lists.entry(list.to_owned()).or_default().push(code.to_owned());
            }
        }
    }
    lists
}

/// A job on these files.
pub fn job(files: &[&Path]) -> Job {
    Job {
        files: files.iter().map(|f| f.to_string_lossy().into_owned()).collect(),
        layers: layers(),
        code_lists: code_lists(),
        ..Job::default()
    }
}

/// A job with one made-up layer.
pub fn job_for(file: &Path, geometry: Option<&str>, attributes: &[(&str, &str)]) -> Job {
    let attributes = attributes
        .iter()
        .map(|(name, kind)| AttributeSpec { name: (*name).into(), kind: (*kind).into(), ..AttributeSpec::default() })
        .collect();
    let layer =
        LayerSpec { name: "thing".into(), geometry: geometry.map(Into::into), attributes, ..LayerSpec::default() };
    Job {
        files: vec![file.to_string_lossy().into_owned()],
        layer: Some("thing".into()),
        layers: vec![layer],
        ..Job::default()
    }
}

/// With a profile in TOML.
pub fn with_profile(mut job: Job, profile: &str) -> Job {
    let value: toml::Value = toml::from_str(profile).unwrap();
    job.profile = Some(serde_json::to_value(value).unwrap());
    job
}

/// The sums of one `end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub read: u64,
    pub clean: u64,
    pub repaired: u64,
    pub refused: u64,
    pub skipped: u64,
}

/// A row: its fields by column name, null left out.
pub type Fields = BTreeMap<String, Vec<u8>>;

/// Everything that a worker answered.
#[derive(Debug, Default)]
pub struct Answer {
    pub messages: Vec<Message>,
    pub rows: BTreeMap<String, Vec<Fields>>,
    /// What refused rows say of the objects that they are about.
    pub refused_keys: BTreeMap<String, Vec<Fields>>,
    pub refused: Option<PathBuf>,
    /// Kept so that the file of refused rows can be looked at.
    pub _folder: Option<tempfile::TempDir>,
}

/// Runs a job in this process.
pub fn run(mut job: Job) -> Answer {
    let folder = tempfile::tempdir().unwrap();
    job.work_dir = folder.path().to_string_lossy().into_owned();
    let mut out = Vec::new();
    worker::run(&job, &mut out).unwrap();
    let mut answer = Answer { _folder: Some(folder), ..Answer::default() };
    let mut current: Option<(String, Vec<StagingColumn>)> = None;
    let mut from = out.as_slice();
    while let Some(frame) = read_frame(&mut from).unwrap() {
        match frame {
            Frame::Message(message) => {
                if let Message::Begin { target, columns, .. } = &*message {
                    current = Some((target.clone(), columns.clone()));
                }
                if let Message::Done { refused, .. } = &*message {
                    answer.refused = refused.clone().map(PathBuf::from);
                }
                answer.messages.push(*message);
            }
            Frame::Rows(bytes) => {
                let (target, columns) = current.as_ref().expect("rows come after a begin");
                let is_refused = |row: &Fields| {
                    row.get("_status")
                        .is_some_and(|status| [REFUSED.as_bytes(), MUTE.as_bytes()].contains(&status.as_slice()))
                };
                let (refused, rows): (Vec<_>, Vec<_>) = tuples(&bytes, columns).into_iter().partition(is_refused);
                answer.rows.entry(target.clone()).or_default().extend(rows);
                answer.refused_keys.entry(target.clone()).or_default().extend(refused);
            }
        }
    }
    answer
}

fn tuples(mut bytes: &[u8], columns: &[StagingColumn]) -> Vec<Fields> {
    let mut out = Vec::new();
    while !bytes.is_empty() {
        let count = i16::from_be_bytes(take(&mut bytes));
        assert_eq!(count as usize, columns.len(), "a tuple has as many fields as the begin names columns");
        let mut fields = Fields::new();
        for column in columns {
            let length = i32::from_be_bytes(take(&mut bytes));
            if length >= 0 {
                let (value, rest) = bytes.split_at(length as usize);
                fields.insert(column.name.clone(), value.to_vec());
                bytes = rest;
            }
        }
        out.push(fields);
    }
    out
}

fn take<const N: usize>(bytes: &mut &[u8]) -> [u8; N] {
    let (head, tail) = bytes.split_first_chunk::<N>().expect("a whole tuple in each frame");
    *bytes = tail;
    *head
}

impl Answer {
    /// The slug of its fatal message.
    pub fn fatal(&self) -> Option<&str> {
        self.messages.iter().find_map(|m| if let Message::Fatal { slug, .. } = m { Some(slug.as_str()) } else { None })
    }

    /// The English text of its fatal message.
    pub fn fatal_text(&self) -> String {
        self.messages
            .iter()
            .find_map(|m| if let Message::Fatal { message, .. } = m { Some(message.en.clone()) } else { None })
            .unwrap_or_default()
    }

    /// Sums over all source layers of a target; each must agree in itself.
    pub fn sums(&self, wanted: &str) -> Sums {
        assert!(matches!(self.messages.last(), Some(Message::Done { .. })), "not done: {:?}", self.messages.last());
        let mut sums = Sums::default();
        for message in &self.messages {
            if let Message::End { target, read, clean, repaired, refused, skipped, .. } = message
                && target == wanted
            {
                assert_eq!(*read, clean + repaired + refused);
                sums.read += read;
                sums.clean += clean;
                sums.repaired += repaired;
                sums.refused += refused;
                sums.skipped += skipped;
            }
        }
        let sent = self.rows.get(wanted).map_or(0, Vec::len) as u64;
        assert_eq!(sent, sums.clean + sums.repaired, "rows sent");
        let told = self.refused_keys.get(wanted).map_or(0, Vec::len) as u64;
        assert_eq!(told, sums.refused, "each refused row says what it is about");
        sums
    }

    /// The rows of a target.
    pub fn of(&self, target: &str) -> &[Fields] {
        self.rows.get(target).map_or(&[], Vec::as_slice)
    }

    /// How often a rule was met.
    pub fn count(&self, wanted: &str) -> u64 {
        let counts =
            self.messages.iter().find_map(|m| if let Message::Done { issues, .. } = m { Some(issues) } else { None });
        counts.into_iter().flatten().filter(|c| c.rule == wanted).map(|c| c.count).sum()
    }

    /// The issues of a rule.
    pub fn issues(&self, wanted: &str) -> Vec<&Issue> {
        self.messages
            .iter()
            .filter_map(|m| if let Message::Issue(i) = m { Some(i) } else { None })
            .filter(|i| i.rule == wanted)
            .collect()
    }
}

/// A text field.
pub fn text(row: &Fields, name: &str) -> Option<String> {
    row.get(name).map(|b| String::from_utf8(b.clone()).unwrap())
}

/// An int field.
pub fn int(row: &Fields, name: &str) -> Option<i64> {
    row.get(name).map(|b| i64::from_be_bytes(b.as_slice().try_into().unwrap()))
}

/// A float field.
pub fn float(row: &Fields, name: &str) -> Option<f64> {
    row.get(name).map(|b| f64::from_be_bytes(b.as_slice().try_into().unwrap()))
}

/// A date field as ISO text.
pub fn date(row: &Fields, name: &str) -> Option<String> {
    row.get(name).map(|b| dothi_import::values::parse::date_text(i32::from_be_bytes(b.as_slice().try_into().unwrap())))
}

/// SRID and WKT of a geometry field, as GDAL reads it.
pub fn wkt(row: &Fields, name: &str) -> Option<(i32, String)> {
    let ewkb = row.get(name)?;
    let srid = i32::from_le_bytes(ewkb[5..9].try_into().unwrap());
    Some((srid, geometry(row, name)?.wkt().unwrap()))
}

/// A geometry field.
pub fn geometry(row: &Fields, name: &str) -> Option<gdal::vector::Geometry> {
    let ewkb = row.get(name)?;
    let mut plain = ewkb[..5].to_vec();
    plain[4] &= !0x20;
    plain.extend(&ewkb[9..]);
    gdal::vector::Geometry::from_wkb(&plain).ok()
}

/// A file of the shared data, or none with a word about it.
pub fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("DOTHI_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"), PathBuf::from);
    let file = root.join("data").join(path);
    if file.exists() {
        return Some(file);
    }
    eprintln!("skipped: {} is not here (set DOTHI_SHARED)", file.display());
    None
}

/// A file of the repository's own data.
pub fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(path)
}

/// Writes a file into a folder.
pub fn file(folder: &Path, name: &str, content: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    path
}
