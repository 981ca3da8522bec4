//! Pictures below the map: orthophotos, scans, base maps. Those of other servers the administrator names in the
//! configuration, and the content policy opens for their hosts and no others. Those of one's own are tiled from a `GeoTIFF`
//! into the data folder (`dothi underlay add`), and shown to staff.

pub mod cli;
pub mod http;
mod making;
mod shelf;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::bilingual::Bilingual;

/// One source of pictures that the administrator named.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Underlay {
    /// Its name in links and settings: lowercase letters, digits and underscores.
    pub name: String,
    /// What people read.
    pub title: Bilingual,
    /// How it is asked.
    #[serde(flatten)]
    pub source: Source,
    /// Whose pictures they are; shown beside them.
    #[serde(default)]
    pub attribution: String,
    /// The first zoom that it has.
    #[serde(default)]
    pub min_zoom: u8,
    /// The last zoom that it has; beyond it the pictures are enlarged.
    #[serde(default = "deepest")]
    pub max_zoom: u8,
    /// Pixels along a tile's side.
    #[serde(default = "side")]
    pub tile_size: u16,
}

/// The services that are understood.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Source {
    /// Tiles by zoom, column and row: `https://host/{z}/{x}/{y}.png`.
    Xyz {
        /// Address with `{z}`, `{x}`, `{y}`.
        url: String,
    },
    /// RESTful WMTS on the Web Mercator matrix: `https://host/{TileMatrix}/{TileRow}/{TileCol}.jpeg`.
    Wmts {
        /// Address with `{TileMatrix}`, `{TileRow}`, `{TileCol}`.
        url: String,
    },
    /// WMS 1.1.1 that speaks EPSG:3857.
    Wms {
        /// Address without the parameters of the request.
        url: String,
        /// Names of its layers, separated by commas.
        layers: String,
        /// `image/png`, or `image/jpeg`.
        #[serde(default = "png")]
        format: String,
    },
}

fn deepest() -> u8 {
    21
}

fn side() -> u16 {
    256
}

fn png() -> String {
    "image/png".to_owned()
}

impl Underlay {
    /// The address from which the browser takes tiles, in the words of MapLibre's raster sources.
    #[must_use]
    pub fn tiles(&self) -> String {
        match &self.source {
            Source::Xyz { url } => url.clone(),
            Source::Wmts { url } => {
                url.replace("{TileMatrix}", "{z}").replace("{TileRow}", "{y}").replace("{TileCol}", "{x}")
            }
            Source::Wms { url, layers, format } => {
                let joint = if url.contains('?') { "&" } else { "?" };
                let side = self.tile_size;
                format!(
                    "{url}{joint}SERVICE=WMS&VERSION=1.1.1&REQUEST=GetMap&STYLES=&SRS=EPSG:3857&TRANSPARENT=true\
                     &LAYERS={layers}&FORMAT={format}&WIDTH={side}&HEIGHT={side}&BBOX={{bbox-epsg-3857}}"
                )
            }
        }
    }

    /// Scheme, host and port, as the content policy takes them.
    ///
    /// # Errors
    /// In the administrator's words: which underlay, which field, what was expected.
    pub fn origin(&self) -> Result<String, Bilingual> {
        let wrong = |vi: &str, en: &str| {
            Bilingual::new(format!("underlay {:?}: {vi}", self.name), format!("underlay {:?}: {en}", self.name))
        };
        let is_name = |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if self.name.is_empty() || !is_name(&self.name) {
            return Err(wrong(
                "name chỉ gồm chữ thường không dấu, chữ số và _",
                "name must be lowercase letters, digits and underscores",
            ));
        }
        if self.min_zoom > self.max_zoom || self.max_zoom > 24 || !matches!(self.tile_size, 128..=1024) {
            return Err(wrong(
                "cần min_zoom <= max_zoom <= 24 và tile_size từ 128 đến 1024",
                "min_zoom <= max_zoom <= 24 and tile_size from 128 to 1024 are expected",
            ));
        }
        let (url, asked): (&str, &[&str]) = match &self.source {
            Source::Xyz { url } => (url, &["{z}", "{x}", "{y}"]),
            Source::Wmts { url } => (url, &["{TileMatrix}", "{TileRow}", "{TileCol}"]),
            Source::Wms { url, .. } => (url, &[]),
        };
        if let Some(missing) = asked.iter().find(|part| !url.contains(**part)) {
            return Err(wrong(&format!("url phải có {missing}"), &format!("url must contain {missing}")));
        }
        let rest = url.strip_prefix("https://").map(|rest| ("https", rest));
        let (scheme, rest) =
            rest.or_else(|| url.strip_prefix("http://").map(|rest| ("http", rest))).ok_or_else(|| {
                wrong("url phải bắt đầu bằng https:// hoặc http://", "url must begin with https:// or http://")
            })?;
        let host = rest.split(['/', '?']).next().unwrap_or_default();
        // What stands in a header may hold neither spaces nor the policy's own marks, and no account belongs into it.
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']');
        if host.is_empty() || !host.bytes().all(is_plain) {
            return Err(wrong(
                "url phải nêu một máy chủ, không có tài khoản hay chỗ trống",
                "url must name a host, without account or placeholders",
            ));
        }
        Ok(format!("{scheme}://{host}"))
    }
}

/// The hosts of all underlays, each once.
///
/// # Errors
/// The first underlay that is not as it should be, and names that stand twice.
pub fn origins(underlays: &[Underlay]) -> Result<Vec<String>, Bilingual> {
    let mut origins = Vec::new();
    for (at, underlay) in underlays.iter().enumerate() {
        if underlays.iter().take(at).any(|other| other.name == underlay.name) {
            let name = &underlay.name;
            return Err(Bilingual::new(
                format!("underlay {name:?} có hai lần"),
                format!("underlay {name:?} stands twice"),
            ));
        }
        let origin = underlay.origin()?;
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    Ok(origins)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str) -> Result<Underlay, String> {
        use figment::providers::{Format as _, Toml};
        figment::Figment::from(Toml::string(toml)).extract::<Underlay>().map_err(|error| error.to_string())
    }

    fn xyz(url: &str) -> Underlay {
        read(&format!("name = \"a\"\ntitle = {{ vi = \"A\", en = \"A\" }}\nkind = \"xyz\"\nurl = {url:?}"))
            .expect("reads")
    }

    #[test]
    fn each_kind_says_where_its_tiles_are() {
        assert_eq!(xyz("https://a.vn/{z}/{x}/{y}.png").tiles(), "https://a.vn/{z}/{x}/{y}.png");
        let wmts = read(
            "name = \"b\"\ntitle = { vi = \"B\", en = \"B\" }\nkind = \"wmts\"\n\
             url = \"https://b.vn/wmts/{TileMatrix}/{TileRow}/{TileCol}.jpeg\"",
        );
        assert_eq!(wmts.expect("reads").tiles(), "https://b.vn/wmts/{z}/{y}/{x}.jpeg");
        let wms = read(
            "name = \"c\"\ntitle = { vi = \"C\", en = \"C\" }\nkind = \"wms\"\nurl = \"https://c.vn/ows?map=x\"\nlayers = \"ortho\"",
        );
        let tiles = wms.expect("reads").tiles();
        assert!(tiles.starts_with("https://c.vn/ows?map=x&SERVICE=WMS&"), "{tiles}");
        assert!(
            tiles.ends_with("&LAYERS=ortho&FORMAT=image/png&WIDTH=256&HEIGHT=256&BBOX={bbox-epsg-3857}"),
            "{tiles}"
        );
    }

    #[test]
    fn the_policy_gets_hosts_each_once_and_nothing_else() {
        let both = [
            xyz("https://a.vn:8443/{z}/{x}/{y}"),
            Underlay { name: "b".to_owned(), ..xyz("https://a.vn:8443/b/{z}/{x}/{y}") },
        ];
        assert_eq!(origins(&both), Ok(vec!["https://a.vn:8443".to_owned()]));
        for bad in [
            "ftp://a.vn/{z}/{x}/{y}",
            "https://a.vn; script-src */{z}/{x}/{y}",
            "https://me:pw@a.vn/{z}/{x}/{y}",
            "https:///{z}/{x}/{y}",
            "https://a.vn/{z}/{x}",
        ] {
            assert!(xyz(bad).origin().is_err(), "{bad}");
        }
        let twice = [xyz("https://a.vn/{z}/{x}/{y}"), xyz("https://b.vn/{z}/{x}/{y}")];
        assert!(origins(&twice).is_err_and(|said| said.en.contains("twice")));
    }
}
