//! Why a picture is refused: what is wrong with it and what to do, in both languages.

use super::Limits;
use crate::protocol::Text;
use crate::worker::fatal::Fatal;

/// Bounds on what is read at all.
///
/// # Errors
/// More pixels than the limit.
pub fn within(width: usize, height: usize, limits: &Limits) -> Result<(), Fatal> {
    let pixels = (width as u64).saturating_mul(height as u64);
    if pixels <= limits.pixels {
        return Ok(());
    }
    let most = limits.pixels;
    let text = Text::new(
        format!("ảnh có {width} × {height} điểm, giới hạn là {most}: hãy cắt thành nhiều tệp (gdal_translate -srcwin)"),
        format!(
            "the picture has {width} × {height} pixels, the limit is {most}: cut it into files (gdal_translate -srcwin)"
        ),
    );
    Err(Fatal::new("limit-pixels", text))
}

/// A file of another kind.
pub fn no_geotiff() -> Fatal {
    Fatal::new(
        "format-unknown",
        Text::new(
            "tệp không phải GeoTIFF đọc được; hãy chuyển bằng: gdal_translate ẢNH ảnh.tif",
            "the file is no GeoTIFF that can be read; turn it into one with: gdal_translate PICTURE picture.tif",
        ),
    )
}

/// A picture that names another file.
pub fn leads_elsewhere() -> Fatal {
    Fatal::new(
        "leads-elsewhere",
        Text::new(
            "tệp dẫn sang một tệp khác (OVERVIEW_FILE); hãy tạo tệp đứng một mình bằng: gdal_translate -nomd vào.tif ra.tif",
            "the file leads to another one (OVERVIEW_FILE); make one that stands alone with: gdal_translate -nomd in.tif out.tif",
        ),
    )
}

/// No place, or control points alone.
pub fn no_place(has_points: bool) -> Fatal {
    if has_points {
        return Fatal::new(
            "points-only",
            Text::new(
                "tệp chỉ có các điểm khống chế, chưa nắn; hãy nắn bằng: gdalwarp -tps vào.tif ra.tif (hoặc bằng QGIS)",
                "the file has control points only; rectify it with: gdalwarp -tps in.tif out.tif (or with QGIS)",
            ),
        );
    }
    Fatal::new(
        "no-place",
        Text::new(
            "ảnh quét chưa có tọa độ; hãy nắn bằng QGIS (Raster › Georeferencer), hoặc đặt tệp .tfw cạnh ảnh và nói hệ tọa độ \
             bằng --crs (ví dụ --crs EPSG:9210)",
            "the scan has no place yet; georeference it with QGIS (Raster › Georeferencer), or put its .tfw file beside it and \
             say the coordinate system with --crs (such as --crs EPSG:9210)",
        ),
    )
}

/// A place in an unknown system.
pub fn no_system() -> Fatal {
    Fatal::new(
        "crs-missing",
        Text::new(
            "tệp không nói hệ tọa độ, và hệ không bao giờ được đoán; hãy nói bằng --crs: ví dụ --crs EPSG:9210 hoặc \
             --crs \"VN-2000 105-45\" (kinh tuyến trục của tỉnh)",
            "the file names no coordinate system, and none is ever guessed; say it with --crs: such as --crs EPSG:9210 or \
             --crs \"VN-2000 105-45\" (the province's central meridian)",
        ),
    )
}

/// Heights, radiance, inks.
pub fn no_colours() -> Fatal {
    Fatal::new(
        "no-colours",
        Text::new(
            "điểm ảnh không phải màu 8 bit (xám, bảng màu, RGB, RGBA); hãy chuyển bằng: gdal_translate -ot Byte -scale vào.tif \
             ra.tif",
            "the pixels are no 8 bit colours (grey, palette, RGB, RGBA); turn them into such with: gdal_translate -ot Byte \
             -scale in.tif out.tif",
        ),
    )
}

/// No way from the system to degrees.
pub fn cannot_convert(name: &str, error: &dyn std::fmt::Display) -> Fatal {
    Fatal::new(
        "crs-no-way",
        Text::new(
            format!("không chuyển được từ hệ tọa độ {name}: {error}; hãy kiểm tra --crs"),
            format!("coordinates of {name} cannot be converted: {error}; look at --crs"),
        ),
    )
}

/// A picture that GDAL gives up on.
pub fn broken(error: &gdal::errors::GdalError) -> Fatal {
    Fatal::new(
        "file-broken",
        Text::new(
            format!("đọc ảnh bị lỗi giữa chừng, tệp có lẽ hỏng: {error}"),
            format!("the picture breaks off while it is read, the file is probably damaged: {error}"),
        ),
    )
}
